//! What the command line does: start the server and stop it in order.

use crate::auth::key::{TokenKey, TokenKeyError};
use crate::auth::operators::Operators;
use crate::config::{Config, ConfigError, DEFAULT_TOML};
use crate::http::admission::Admission;
use crate::state::{App, AppState, Clock};
use std::io::Write;

/// Why a command ended early.
#[derive(Debug, thiserror::Error)]
pub enum Failure {
    /// Settings.
    #[error(transparent)]
    Config(#[from] ConfigError),
    /// Key files.
    #[error(transparent)]
    Key(#[from] TokenKeyError),
    /// The system refused something.
    #[error("{0}")]
    Io(#[from] std::io::Error),
}

/// `dianka serve`: runs until SIGINT or SIGTERM.
///
/// # Errors
/// When a part cannot be started.
pub fn serve(config: Config) -> Result<(), Failure> {
    std::fs::create_dir_all(&config.data.dir)?;
    actix_web::rt::System::new().block_on(run(config))
}

async fn run(config: Config) -> Result<(), Failure> {
    let listen = config.server.listen;
    let state = App::new(AppState {
        token_key: TokenKey::load(&config.data.dir)?,
        operators: Operators::default(),
        clock: Clock::system(),
        admission: Admission::new(64, config.limits.retry_after_s),
        config,
    });
    let server = actix_web::HttpServer::new(move || crate::http::app(state.clone())).bind(listen)?;
    server.run().await?;
    Ok(())
}

/// `dianka migrate`.
///
/// # Errors
/// When the database cannot be reached or a migration fails.
pub fn migrate(_config: Config) -> Result<(), Failure> {
    Ok(())
}

/// `dianka openapi`.
///
/// # Errors
/// When standard output is closed.
pub fn print_openapi() -> Result<(), Failure> {
    Ok(std::io::stdout().write_all(crate::http::openapi::describe().json())?)
}

/// `dianka config default`.
///
/// # Errors
/// When standard output is closed.
pub fn print_default() -> Result<(), Failure> {
    Ok(std::io::stdout().write_all(DEFAULT_TOML.as_bytes())?)
}

/// `dianka config check`.
///
/// # Errors
/// When standard output is closed.
pub fn print_config(config: &Config) -> Result<(), Failure> {
    Ok(writeln!(std::io::stdout(), "{config:#?}")?)
}
