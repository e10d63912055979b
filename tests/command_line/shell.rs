//! What the command is to a shell, and to `man`.

use super::{redeliver, text};

const SUBCOMMANDS: [&str; 9] = [
    "backend",
    "check",
    "completions",
    "explain",
    "gallery",
    "man",
    "replay",
    "verify",
    "walkthrough",
];

#[tokio::test]
async fn shells_complete_every_subcommand() {
    for shell in ["bash", "elvish", "fish", "powershell", "zsh"] {
        let output = redeliver(&["completions", shell]).await;
        assert_eq!(output.status.code(), Some(0), "{shell}");
        let script = text(&output.stdout);
        for word in SUBCOMMANDS {
            assert!(script.contains(word), "{word} in {shell}");
        }
    }
}

#[tokio::test]
async fn the_manual_is_of_the_same_definitions_as_the_help() {
    let output = redeliver(&["man"]).await;
    let page = text(&output.stdout);
    for word in SUBCOMMANDS {
        assert!(page.contains(&format!("redeliver\\-{word}(1)")), "{word}");
        let output = redeliver(&["man", word]).await;
        assert_eq!(output.status.code(), Some(0), "{word}");
        let title = format!(".TH redeliver-{word} 1 ");
        assert!(text(&output.stdout).contains(&title), "{word}");
    }
    let output = redeliver(&["man", "nonsense"]).await;
    assert_eq!(output.status.code(), Some(2));
    assert_eq!(
        text(&output.stderr),
        "redeliver: there is no subcommand \"nonsense\"; `redeliver --help` lists all\n"
    );
}
