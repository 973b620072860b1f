//! A vendor's key pair, in the formats of minisign, so that minisign itself may be used instead.

use std::fs::OpenOptions;
use std::io::{self, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

use dianka_plugin_package::Notice;
use minisign::{KeyPair, PublicKey, SecretKey, SecretKeyBox};

use crate::pack::{file_notice, key_notice};
use crate::told::Told;
use crate::words::io_words;

/// Why a key could not be made or used.
#[derive(Debug, thiserror::Error)]
pub enum KeyError {
    /// A file.
    #[error("{path}: {why}")]
    File {
        /// Which.
        path: PathBuf,
        /// What the system says.
        why: io::Error,
    },
    /// The other half.
    #[error("{0} is a public key; sign with the secret one (.key)")]
    Public(PathBuf),
    /// There is nobody to ask for its password.
    #[error("nobody to ask for a password; set {variable} ({why})")]
    Password {
        /// The variable of the environment that may hold it.
        variable: &'static str,
        /// What the system says.
        why: io::Error,
    },
    /// The password that was typed twice is not the same.
    #[error("the two passwords differ")]
    Differ,
    /// An empty password, which protects nothing.
    #[error("an empty password protects nothing; say --no-password if that is meant")]
    Empty,
    /// Not a key, a wrong password, or no chance to be had.
    #[error("{0}")]
    Key(#[from] minisign::PError),
}

impl Told for KeyError {
    fn notice(&self) -> Notice {
        match self {
            Self::File { path, why } => file_notice(path, why),
            Self::Public(path) => {
                let path = path.display();
                Notice::new(
                    "key-public",
                    format!("{path} 是公钥；签名要用私钥（.key）"),
                    format!("{path} is a public key; sign with the secret one (.key)"),
                )
            }
            Self::Password { variable, why } => {
                let why = io_words(why);
                Notice::new(
                    "no-password",
                    format!("没有人可以询问密码，请设置 {variable}（{}）", why.zh),
                    format!("nobody to ask for a password; set {variable} ({})", why.en),
                )
            }
            Self::Differ => Notice::new("passwords-differ", "两次输入的密码不同", "the two passwords differ"),
            Self::Empty => Notice::new(
                "password-empty",
                "空密码等于没有密码；确实不要密码请加 --no-password",
                "an empty password protects nothing; say --no-password if that is meant",
            ),
            Self::Key(error) => key_notice(error),
        }
    }
}

/// Makes a key pair: `NAME.key`, for this user's eyes only, and `NAME.pub`. Without a password the secret key lies open.
/// No file is overwritten. Answers with the public key's text for a trust table.
pub fn generate(name: &Path, password: Option<String>) -> Result<String, KeyError> {
    let pair = match password {
        Some(password) => KeyPair::generate_encrypted_keypair(Some(password))?,
        None => KeyPair::generate_unencrypted_keypair()?,
    };
    let comment = "dianka-kit secret key";
    write_new(&with_end(name, "key"), 0o600, &pair.sk.to_box(Some(comment))?.into_string())?;
    write_new(&with_end(name, "pub"), 0o644, &pair.pk.to_box()?.into_string())?;
    Ok(pair.pk.to_base64())
}

/// `NAME.END`, also if the name has a dot in it.
#[must_use]
pub fn with_end(name: &Path, end: &str) -> PathBuf {
    let mut path = name.as_os_str().to_owned();
    path.push(".");
    path.push(end);
    path.into()
}

/// Reads a secret key. `ask` gives the password of one that has one.
pub fn secret(path: &Path, ask: impl FnOnce() -> Result<String, KeyError>) -> Result<SecretKey, KeyError> {
    let file = |why| KeyError::File { path: path.to_path_buf(), why };
    let text = std::fs::read_to_string(path).map_err(file)?;
    if public(path).is_ok() {
        return Err(KeyError::Public(path.to_path_buf()));
    }
    if let Ok(key) = SecretKeyBox::from_string(&text)?.into_unencrypted_secret_key() {
        return Ok(key);
    }
    Ok(SecretKeyBox::from_string(&text)?.into_secret_key(Some(ask()?))?)
}

/// Reads a public key: the text of `NAME.pub`, or its second line alone.
pub fn public(path: &Path) -> Result<PublicKey, KeyError> {
    let text = std::fs::read_to_string(path).map_err(|why| KeyError::File { path: path.to_path_buf(), why })?;
    let last = text.lines().map(str::trim).rfind(|line| !line.is_empty()).unwrap_or_default();
    Ok(PublicKey::from_base64(last)?)
}

fn write_new(path: &Path, mode: u32, text: &str) -> Result<(), KeyError> {
    let file = |why| KeyError::File { path: path.to_path_buf(), why };
    let mut out = OpenOptions::new().write(true).create_new(true).mode(mode).open(path).map_err(file)?;
    writeln!(out, "{}", text.trim_end()).map_err(file)
}
