//! Where the server is, as a person writes it, and whether a line to it may go in clear.

use std::net::IpAddr;

use tokio_tungstenite::tungstenite::http::Uri;

/// Where stations dial in.
const LINK_PATH: &str = "/api/v1/stations/link";

/// A server's address.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Address {
    /// `wss://` and not `ws://`.
    pub secure: bool,
    /// Name or address, an IPv6 one without its brackets.
    pub host: String,
    /// TCP port.
    pub port: u16,
    path: String,
}

/// An address that is of no use. No later try mends it.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum AddressError {
    /// Not an address.
    #[error("{0} is not the address of a server, as in https://host or ws://127.0.0.1:8080")]
    Form(String),
    /// Another scheme than `https`, `http`, `wss`, `ws`.
    #[error("{0}:// is not a scheme for a server: https:// or wss://, http:// or ws:// on this computer")]
    Scheme(String),
    /// A line in clear that would leave this computer.
    #[error("a line in clear may not leave this computer: use https:// (wss://), or say --insecure-lan")]
    Clear,
}

impl Address {
    /// Reads `https://host[:port]`, `wss://…`, and `http://`, `ws://` for this computer itself (for others with
    /// `insecure_lan`). The path is that of the stations' line unless one is given.
    ///
    /// # Errors
    /// [`AddressError`].
    pub fn parse(text: &str, insecure_lan: bool) -> Result<Self, AddressError> {
        let form = || AddressError::Form(text.into());
        let uri: Uri = text.trim().parse().map_err(|_| form())?;
        let secure = match uri.scheme_str() {
            Some("wss" | "https") => true,
            Some("ws" | "http") => false,
            Some(other) => return Err(AddressError::Scheme(other.into())),
            None => return Err(form()),
        };
        let host = uri.host().filter(|host| !host.is_empty()).ok_or_else(form)?;
        let host = host.trim_start_matches('[').trim_end_matches(']').to_owned();
        let port = uri.port_u16().unwrap_or(if secure { 443 } else { 80 });
        let path = if matches!(uri.path(), "" | "/") { LINK_PATH } else { uri.path() }.to_owned();
        let address = Self { secure, host, port, path };
        if !secure && !insecure_lan && !address.is_loopback() {
            return Err(AddressError::Clear);
        }
        Ok(address)
    }

    /// Whether it is this computer.
    #[must_use]
    pub fn is_loopback(&self) -> bool {
        self.host.eq_ignore_ascii_case("localhost") || self.host.parse::<IpAddr>().is_ok_and(|ip| ip.is_loopback())
    }

    /// `wss://host:port/path`.
    #[must_use]
    pub fn url(&self) -> String {
        let scheme = if self.secure { "wss" } else { "ws" };
        let host = if self.host.contains(':') { format!("[{}]", self.host) } else { self.host.clone() };
        format!("{scheme}://{host}:{}{}", self.port, self.path)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_is_read_as_people_write_it() {
        let url = |text: &str| Address::parse(text, false).map(|address| address.url());
        assert_eq!(url("https://sales.example").unwrap(), "wss://sales.example:443/api/v1/stations/link");
        assert_eq!(url("wss://10.0.0.2:8443/").unwrap(), "wss://10.0.0.2:8443/api/v1/stations/link");
        assert_eq!(url("http://127.0.0.1:8080").unwrap(), "ws://127.0.0.1:8080/api/v1/stations/link");
        assert_eq!(url("ws://[::1]:1/").unwrap(), "ws://[::1]:1/api/v1/stations/link");
        assert_eq!(url("ws://localhost:1/there").unwrap(), "ws://localhost:1/there");
        assert!(matches!(url("ftp://host"), Err(AddressError::Scheme(scheme)) if scheme == "ftp"));
        for nonsense in ["", "host", "host:80", "https://", "https://a b"] {
            assert!(matches!(url(nonsense), Err(AddressError::Form(_) | AddressError::Scheme(_))), "{nonsense}");
        }
    }

    #[test]
    fn a_line_in_clear_stays_on_this_computer_unless_somebody_says_otherwise() {
        for lan in ["ws://192.168.1.2:8080", "http://sales.example", "ws://127.0.0.1.example", "ws://localhost.example"]
        {
            assert_eq!(Address::parse(lan, false), Err(AddressError::Clear), "{lan}");
            assert!(!Address::parse(lan, true).unwrap().secure);
        }
        assert!(Address::parse("wss://192.168.1.2", false).unwrap().secure);
    }
}
