//! `redeliver completions`: what completes the command's arguments in a shell.

use clap::{Args, Command};
use clap_complete::{Shell, generate};

use super::Ended;

/// Prints what completes the command's arguments in a shell.
///
/// For bash: redeliver completions bash >~/.local/share/bash-completion/completions/redeliver
#[derive(Debug, Args)]
pub(crate) struct Arguments {
    /// The shell
    shell: Shell,
}

pub(crate) fn run(arguments: &Arguments, mut command: Command) -> Ended {
    let name = command.get_name().to_owned();
    let mut script = Vec::new();
    generate(arguments.shell, &mut command, name, &mut script);
    Ended::saying(String::from_utf8_lossy(&script).into_owned())
}
