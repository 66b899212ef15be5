//! `chaos info`: versions, extensions, settings.

use std::io::{self, Write};
use std::path::Path;

/// An installed extension, native or Python.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Extension {
    /// Name of its package.
    pub name: String,
    /// Its version.
    pub version: String,
    /// Its license.
    pub license: String,
    /// What it is for, in one line.
    pub summary: String,
}

/// The versions of the command and of the engine, in a table.
///
/// # Errors
/// When `out` cannot be written.
pub fn core(command: &str, engine: &str, out: &mut dyn Write) -> io::Result<()> {
    for (name, version) in [("NAME", "VERSION"), ("CLI", command), ("Core library", engine)] {
        writeln!(out, "{name:<20}{version:<10}")?;
    }
    Ok(())
}

/// The extensions, in a table; summaries are cut to 50 characters.
///
/// # Errors
/// When `out` cannot be written.
pub fn extensions(extensions: &[Extension], out: &mut dyn Write) -> io::Result<()> {
    let mut row = |name: &str, version: &str, license: &str, summary: &str| {
        writeln!(out, "{name:<40}{version:<10}{license:<30}{summary:<50}")
    };
    row("NAME", "VERSION", "LICENSE", "DESCRIPTION")?;
    for extension in extensions {
        let summary = extension.summary.replace("Chaos Toolkit Extension for ", "");
        let summary: String = summary.chars().take(50).collect();
        row(&extension.name, &extension.version, &extension.license, &summary)?;
    }
    Ok(())
}

/// The settings file as it is, or where it was looked for.
///
/// # Errors
/// When the file cannot be read or `out` cannot be written.
pub fn settings(path: &Path, out: &mut dyn Write) -> io::Result<()> {
    if !path.is_file() {
        return writeln!(out, "No settings file found at {}", path.display());
    }
    out.write_all(&std::fs::read(path)?)?;
    writeln!(out)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn printed(print: impl FnOnce(&mut dyn Write) -> io::Result<()>) -> String {
        let mut out = Vec::new();
        print(&mut out).unwrap();
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn versions_stand_in_a_table() {
        let expected = "NAME                VERSION   \nCLI                 0.1.0     \nCore library        0.2.0     \n";
        assert_eq!(printed(|out| core("0.1.0", "0.2.0", out)), expected);
    }

    #[test]
    fn extensions_stand_in_columns() {
        let aws = Extension {
            name: "chaostoolkit-aws".to_owned(),
            version: "1".to_owned(),
            license: "Apache-2.0".to_owned(),
            summary: format!("Chaos Toolkit Extension for {}", "x".repeat(60)),
        };
        let table = printed(|out| extensions(&[aws], out));
        let row = table.lines().nth(1).unwrap();
        assert_eq!(
            (row.find("Apache"), row.find('x'), row.len()),
            (Some(50), Some(80), 130)
        );
    }

    #[test]
    fn settings_are_shown_as_they_are() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("s.yaml");
        assert!(printed(|out| settings(&path, out)).contains("No settings file"));
        std::fs::write(&path, "# mine\nb: 1\na: 2\n").unwrap();
        assert_eq!(printed(|out| settings(&path, out)), "# mine\nb: 1\na: 2\n\n");
    }
}
