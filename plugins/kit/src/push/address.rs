//! Where a package goes: over HTTPS, unless the way does not leave this computer or plain HTTP was asked for by name.

use std::net::IpAddr;

use hyper::Uri;

use super::PushError;

/// A server's address.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Address {
    /// Whether the way there is encrypted.
    pub tls: bool,
    /// Name or number, an IPv6 number without its brackets.
    pub host: String,
    /// Port.
    pub port: u16,
    /// Host and port as they were typed, for the request and for people.
    pub authority: String,
    /// What the paths of the interface come behind; empty, or a path without a slash at its end.
    pub path: String,
}

impl Address {
    /// Reads an address as it was typed. Without `http://` or `https://` it is HTTPS, and plain HTTP only on this very
    /// computer (`localhost`, 127.x.x.x, ::1).
    ///
    /// # Errors
    /// [`PushError::Address`].
    pub fn parse(typed: &str) -> Result<Self, PushError> {
        let typed = typed.trim();
        let wrong = || PushError::Address(typed.to_owned());
        let (scheme, rest) = match typed.split_once("://") {
            Some((scheme, rest)) => (Some(scheme.to_ascii_lowercase()), rest),
            None => (None, typed),
        };
        let uri: Uri = format!("http://{}", rest.trim_end_matches('/')).parse().map_err(|_| wrong())?;
        let authority = uri.authority().ok_or_else(wrong)?;
        let host = authority.host().trim_start_matches('[').trim_end_matches(']').to_owned();
        // A name and a password in the address would stand in the shell's history; a query is none of an address.
        if host.is_empty() || authority.as_str().contains('@') || uri.query().is_some() {
            return Err(wrong());
        }
        let tls = match scheme.as_deref() {
            Some("https") => true,
            Some("http") => false,
            Some(_) => return Err(wrong()),
            None => !is_loopback(&host),
        };
        let port = match authority.as_str().strip_prefix(authority.host()).unwrap_or_default() {
            "" if tls => 443,
            "" => 80,
            typed => typed.trim_start_matches(':').parse().map_err(|_| wrong())?,
        };
        let path = uri.path().trim_end_matches('/').to_owned();
        Ok(Self { tls, host, port, authority: authority.to_string(), path })
    }

    /// Whether what is sent leaves this computer in clear.
    #[must_use]
    pub fn is_open(&self) -> bool {
        !self.tls && !is_loopback(&self.host)
    }
}

impl std::fmt::Display for Address {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}://{}{}", if self.tls { "https" } else { "http" }, self.authority, self.path)
    }
}

/// Whether this host is this very computer.
fn is_loopback(host: &str) -> bool {
    let name = host.to_ascii_lowercase();
    name == "localhost" || name.ends_with(".localhost") || host.parse::<IpAddr>().is_ok_and(|ip| ip.is_loopback())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_leaves_this_computer_is_https_unless_it_is_said() {
        for (typed, whole, port) in [
            ("127.0.0.1:8080", "http://127.0.0.1:8080", 8080),
            ("127.8.8.8", "http://127.8.8.8", 80),
            ("localhost:8080/", "http://localhost:8080", 8080),
            ("[::1]:8080", "http://[::1]:8080", 8080),
            ("http://127.0.0.1:8080/", "http://127.0.0.1:8080", 8080),
            (" server ", "https://server", 443),
            ("server:8443", "https://server:8443", 8443),
            ("10.0.0.7:8080", "https://10.0.0.7:8080", 8080),
            ("localhost.example:80", "https://localhost.example:80", 80),
            ("[fd00::1]", "https://[fd00::1]", 443),
            ("http://server:8080", "http://server:8080", 8080),
            ("HTTPS://server/dianka/", "https://server/dianka", 443),
            ("https://localhost", "https://localhost", 443),
        ] {
            let address = Address::parse(typed).unwrap();
            assert_eq!((address.to_string().as_str(), address.port), (whole, port), "{typed}");
            assert_eq!(address.is_open(), typed == "http://server:8080", "{typed}");
        }
        assert_eq!(Address::parse("[::1]:8080").unwrap().host, "::1");
        for typed in
            ["", "http://", "ftp://server", "a b", "https://me:secret@server", "server:99999", "server:", "server/?a"]
        {
            assert!(matches!(Address::parse(typed), Err(PushError::Address(_))), "{typed}");
        }
    }
}
