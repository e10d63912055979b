//! `redeliver man`: the manual page.

use clap::{Args, Command};
use clap_mangen::Man;

use super::{Ended, Outcome};

/// Prints the manual page, of the command or of a subcommand.
///
/// To read it: redeliver man | man -l -
#[derive(Debug, Args)]
pub(crate) struct Arguments {
    /// The subcommand
    subcommand: Option<String>,
}

pub(crate) fn run(arguments: &Arguments, mut command: Command) -> Outcome {
    // So that the page of a subcommand says how that is called.
    command.build();
    let page = match &arguments.subcommand {
        None => command,
        Some(name) => {
            let subcommand = command.find_subcommand(name).cloned();
            subcommand.ok_or_else(|| {
                format!("there is no subcommand \"{name}\"; `redeliver --help` lists all")
            })?
        }
    };
    let mut text = Vec::new();
    Man::new(page).render(&mut text)?;
    Ok(Ended::saying(String::from_utf8_lossy(&text).into_owned()))
}
