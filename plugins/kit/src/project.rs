//! New projects: everything that a driver needs to build, and a driver that passes the check before the first edit.

use std::io;
use std::path::{Path, PathBuf};

use dianka_plugin_package::{Kind, Notice};

use crate::pack::file_notice;
use crate::told::Told;

/// In what language the driver is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Language {
    /// Rust, over the SDK.
    Rust,
    /// C, over the SDK's header.
    C,
}

/// Why there is no project.
#[derive(Debug, thiserror::Error)]
pub enum ProjectError {
    /// A name that is no id of a driver.
    #[error("a name is 1 to 40 of a-z, 0-9, dot and hyphen, and begins with a letter; not {0:?}")]
    Name(String),
    /// Not the folder of this project's source.
    #[error("{} has no plugins/sdk: name the source folder with --source", .0.display())]
    Source(PathBuf),
    /// A file.
    #[error("{path}: {why}")]
    File {
        /// Which.
        path: PathBuf,
        /// What the system says.
        why: io::Error,
    },
}

impl Told for ProjectError {
    fn notice(&self) -> Notice {
        match self {
            Self::Name(name) => Notice::new(
                "project-name",
                format!("名称“{name}”不合要求：1 到 40 个 a-z、0-9、点或连字符，以字母开头"),
                format!("a name is 1 to 40 of a-z, 0-9, dot and hyphen, and begins with a letter; not “{name}”"),
            ),
            Self::Source(path) => {
                let path = path.display();
                Notice::new(
                    "no-source",
                    format!("{path} 里没有 plugins/sdk：请用 --source 指明电卡的源代码文件夹"),
                    format!("{path} has no plugins/sdk: name the source folder with --source"),
                )
            }
            Self::File { path, why } => file_notice(path, why),
        }
    }
}

/// A template's file: its path in the new project, its text, and whether it is a program.
type Template = (&'static str, &'static str, bool);

const METER_RUST: &[Template] = &[
    ("Cargo.toml", include_str!("../templates/meter-rust/Cargo.toml.in"), false),
    ("src/lib.rs", include_str!("../templates/meter-rust/lib.rs.in"), false),
    ("build", include_str!("../templates/build-rust.in"), true),
    ("README.md", include_str!("../templates/README.md.in"), false),
    (".gitignore", "/target\n*.wasm\n*.key\n", false),
];

const READER_RUST: &[Template] = &[
    ("Cargo.toml", include_str!("../templates/reader-rust/Cargo.toml.in"), false),
    ("src/lib.rs", include_str!("../templates/reader-rust/lib.rs.in"), false),
    ("transcript.txt", include_str!("../templates/reader/transcript.txt.in"), false),
    ("build", include_str!("../templates/build-rust.in"), true),
    ("README.md", include_str!("../templates/README.md.in"), false),
    (".gitignore", "/target\n*.wasm\n*.key\n", false),
];

const METER_C: &[Template] = &[
    ("driver.c", include_str!("../templates/meter-c/driver.c.in"), false),
    ("build", include_str!("../templates/build-c.in"), true),
    ("README.md", include_str!("../templates/README.md.in"), false),
    (".gitignore", "/target\n*.wasm\n*.key\n", false),
];

const READER_C: &[Template] = &[
    ("driver.c", include_str!("../templates/reader-c/driver.c.in"), false),
    ("transcript.txt", include_str!("../templates/reader/transcript.txt.in"), false),
    ("build", include_str!("../templates/build-c.in"), true),
    ("README.md", include_str!("../templates/README.md.in"), false),
    (".gitignore", "/target\n*.wasm\n*.key\n", false),
];

/// The folder of the source that this program was built from.
#[must_use]
pub fn own_source() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).ancestors().nth(2).map(Path::to_path_buf).unwrap_or_default()
}

/// Makes the project `name` in `parent`, which finds the SDK in `source`. Answers with its folder.
pub fn new(kind: Kind, language: Language, name: &str, parent: &Path, source: &Path) -> Result<PathBuf, ProjectError> {
    let allowed = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-' || c == '.';
    let begins = name.starts_with(|c: char| c.is_ascii_lowercase());
    if !begins || name.len() > 40 || !name.chars().all(allowed) {
        return Err(ProjectError::Name(name.to_owned()));
    }
    let source = source.canonicalize().map_err(|_| ProjectError::Source(source.to_path_buf()))?;
    if !source.join("plugins/sdk").is_dir() {
        return Err(ProjectError::Source(source));
    }
    let templates = match (kind, language) {
        (Kind::Meter, Language::Rust) => METER_RUST,
        (Kind::Reader, Language::Rust) => READER_RUST,
        (Kind::Meter, Language::C) => METER_C,
        (Kind::Reader, Language::C) => READER_C,
    };
    let folder = parent.join(name);
    std::fs::create_dir(&folder).map_err(|why| ProjectError::File { path: folder.clone(), why })?;
    let transcript = if kind == Kind::Reader { " --transcript transcript.txt" } else { "" };
    let parts = match kind {
        Kind::Meter => "\"$sdk/meter/card_meter.c\" \"$sdk/meter/card_simulator.c\" ",
        Kind::Reader => "",
    };
    for (path, text, program) in templates {
        let text = text
            .replace("@PARTS@", parts)
            .replace("@NAME@", name)
            .replace("@CRATE@", &name.replace('.', "-"))
            .replace("@LIB@", &name.replace(['.', '-'], "_"))
            .replace("@KIND@", kind.name())
            .replace("@TRANSCRIPT@", transcript)
            .replace("@SOURCE@", &source.display().to_string());
        put(&folder.join(path), &text, *program)?;
    }
    Ok(folder)
}

fn put(path: &Path, text: &str, program: bool) -> Result<(), ProjectError> {
    let file = |why| ProjectError::File { path: path.to_path_buf(), why };
    if let Some(folder) = path.parent() {
        std::fs::create_dir_all(folder).map_err(file)?;
    }
    std::fs::write(path, text).map_err(file)?;
    if program {
        use std::os::unix::fs::PermissionsExt;
        std::fs::set_permissions(path, std::fs::Permissions::from_mode(0o755)).map_err(file)?;
    }
    Ok(())
}
