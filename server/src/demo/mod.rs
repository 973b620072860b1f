//! `dianka demo`: the main job over HTTP as a transcript that a person can read, with every figure checked.
//!
//! Against a server that it starts for itself, or against one in learning mode given by address. Nothing is known here
//! but the HTTP interface.

pub mod client;
mod own_server;
mod story;
mod transcript;

use std::path::PathBuf;

pub use own_server::{OwnServer, StartError};
pub use transcript::Transcript;

/// What to run the demo against.
#[derive(Debug, Clone)]
pub struct DemoOptions {
    /// Another server; none: one of its own, stopped at the end.
    pub url: Option<String>,
    /// Its administrator, for another server that is set up already.
    pub login: Option<(String, String)>,
    /// Its one-time set-up token, for another server that is new.
    pub setup_token: Option<String>,
    /// Configuration of a server of its own.
    pub config: Option<PathBuf>,
    /// Its driver files.
    pub drivers: Option<PathBuf>,
    /// Its driver compiler.
    pub plugc: Option<PathBuf>,
    /// Print only what is wrong, and the counts.
    pub quiet: bool,
}

/// Why the demo could not be told to its end.
#[derive(Debug, thiserror::Error)]
pub enum DemoError {
    /// The server could not be started.
    #[error(transparent)]
    Start(#[from] StartError),
    /// An answer that ends the story.
    #[error(transparent)]
    Client(#[from] client::ClientError),
    /// An answer without a field that the story needs.
    #[error("the answer has no {0}")]
    Missing(String),
    /// Figures that were not as they should be.
    #[error("{0} figures are wrong")]
    Wrong(u32),
}

/// Tells the story.
///
/// # Errors
/// [`DemoError`]; the transcript has said where.
pub async fn run(options: DemoOptions) -> Result<(), DemoError> {
    let own = match &options.url {
        Some(_) => None,
        None => Some(OwnServer::start(&options).await?),
    };
    let url = own.as_ref().map_or_else(|| options.url.clone().unwrap_or_default(), |own| own.url().to_owned());
    let mut client = client::Client::new(&url);
    let token = own.as_ref().map(|own| own.setup_token().to_owned()).or_else(|| options.setup_token.clone());
    match (&options.login, token) {
        (Some((login, password)), _) => client.log_in(login, password).await?,
        (None, Some(token)) => client.set_up(&token, "admin", "a-first-password").await?,
        (None, None) => return Err(DemoError::Missing("log-in or set-up token (--login, --setup-token)".into())),
    };
    let mut transcript = Transcript::new(options.quiet);
    transcript.line(&format!("server 服务器 {url}"));
    let told = story::tell(&client, &mut transcript).await;
    if let Some(own) = own {
        own.stop().await;
    }
    let wrong = transcript.close();
    told?;
    if wrong == 0 { Ok(()) } else { Err(DemoError::Wrong(wrong)) }
}
