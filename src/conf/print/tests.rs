use std::process::Command;

use super::*;
use chaos_engine::run::plan::{Dry, HypothesisStrategy, RollbackStrategy};

fn request() -> RunRequest {
    RunRequest {
        config_file: "/lib/it's here/experiment.conf".into(),
        context: "live".into(),
        working_folder: "/lib/it's here".into(),
        experiment: Source::File("/lib/it's here/-x.yaml".into()),
        rollback_strategy: RollbackStrategy::Always,
        hypothesis_strategy: Some(HypothesisStrategy::Continuously),
        hypothesis_frequency: Some(2.0),
        fail_fast: Some(true),
        fail_fast_ratio: Some(12.5),
        dry: Some(Dry::Actions),
        var_files: vec!["/lib/it's here/a.yaml".into(), "/etc/b c.env".into()],
        var_overrides: vec![
            "api_token=hunter2".parse().unwrap(),
            "note=$HOME `x`\n*".parse().unwrap(),
        ],
        journal_path: "/lib/it's here/journal.json".into(),
        log_path: "/lib/it's here/chaostoolkit.log".into(),
        settings: Some("/etc/settings.yaml".into()),
        warnings: vec!["beware".into()],
    }
}

#[test]
fn the_run_is_shown_without_secrets() {
    let text = print_run(&request(), Path::new("/"));
    assert!(!text.contains("hunter2"), "{text}");
    let lines = [
        "Context:              live",
        "Rollback strategy:    always",
        "Variable files:       /lib/it's here/a.yaml",
        "                      /etc/b c.env",
        "Variables:            api_token = ********",
        "Warning: beware",
    ];
    assert!(
        lines.iter().all(|line| text.lines().any(|shown| shown == *line)),
        "{text}"
    );
}

#[test]
fn the_last_line_is_the_command_for_a_shell() {
    let request = request();
    let text = print_run(&request, Path::new("/"));
    assert_eq!(
        text.lines().last().unwrap(),
        r#"cd '/lib/it'\''s here' && chaos --settings /etc/settings.yaml run --rollback-strategy always --hypothesis-strategy continuously --hypothesis-frequency 2 --fail-fast-percent 12.5 --dry actions --var-file a.yaml --var-file '/etc/b c.env' --var 'api_token=********' --var "$(printf '%s\n%s' 'note=$HOME `x`' '*')" --journal-path journal.json --fail-fast ./-x.yaml"#
    );
    let there = print_run(&request, &request.working_folder);
    assert!(there.lines().last().unwrap().starts_with("chaos --settings"));
}

#[test]
fn a_shell_reads_each_word_as_it_was() {
    let words = [
        "",
        "a b",
        "it's",
        "$HOME `x`\n*",
        "\n%s\\n\n'",
        "~",
        "a=b",
        "\\",
        "!",
        "ünï",
    ];
    let quoted: Vec<String> = words.iter().map(|word| quote(word)).collect();
    let script = format!("printf '%s|' {}", quoted.join(" "));
    let output = Command::new("sh").arg("-c").arg(script).output().unwrap();
    assert_eq!(
        String::from_utf8(output.stdout).unwrap(),
        words.map(|word| format!("{word}|")).concat()
    );
}
