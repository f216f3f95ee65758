//! Requests that another page of the browser has caused are refused: by the name they were sent to, and by where they come from.
//!
//! A page of somebody else may let its own name point here (DNS rebinding), or send requests to this computer. The browser says both:
//! the name in `Host`, the page in `Origin` and `Sec-Fetch-Site`.

use std::net::SocketAddr;

use axum::http::header::{HOST, ORIGIN};
use axum::http::{HeaderMap, Method, Uri};

/// Why a request is refused.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Refused {
    /// It was sent to another name.
    Host,
    /// Another page has caused it.
    Origin,
}

/// Lets requests through that were sent to this end of the connection by its number, or by `localhost` on this computer, and not by
/// another page.
pub fn check(method: &Method, uri: &Uri, headers: &HeaderMap, here: SocketAddr) -> Result<(), Refused> {
    let text = |name| headers.get(name).map(|value: &axum::http::HeaderValue| value.to_str().unwrap_or_default());
    let mut hosts = headers.get_all(HOST).iter();
    let host = hosts.next().and_then(|host| host.to_str().ok()).ok_or(Refused::Host)?;
    // A target with a name of its own would take the place of the header.
    if hosts.next().is_some() || uri.authority().is_some() || !is_here(host, here) {
        return Err(Refused::Host);
    }
    let origin = text(ORIGIN);
    let is_own = origin.is_some_and(|origin| origin.strip_prefix("http://") == Some(host));
    let may_change = !method.is_safe();
    if !is_own && (may_change || origin.is_some()) {
        return Err(Refused::Origin);
    }
    // Whoever follows a link to the page itself comes from anywhere.
    let is_page = uri.path() == "/" && !may_change;
    match headers.get("sec-fetch-site").map(axum::http::HeaderValue::as_bytes) {
        None | Some(b"same-origin" | b"none") => Ok(()),
        Some(_) if is_page => Ok(()),
        Some(_) => Err(Refused::Origin),
    }
}

fn is_here(host: &str, here: SocketAddr) -> bool {
    let port = here.port();
    host == here.to_string()
        || (here.ip().is_loopback() && host == format!("localhost:{port}"))
        // Browsers leave out the port of the protocol.
        || (port == 80 && (host == here.ip().to_string() || (here.ip().is_loopback() && host == "localhost")))
}

#[cfg(test)]
mod tests {
    use super::*;

    const HERE: ([u8; 4], u16) = ([127, 0, 0, 1], 8420);

    fn asked(method: &Method, path: &str, headers: &[(&'static str, &'static str)]) -> Result<(), Refused> {
        let headers = headers.iter().map(|(name, value)| {
            (axum::http::HeaderName::from_static(name), axum::http::HeaderValue::from_static(value))
        });
        check(method, &path.parse().expect("a path"), &headers.collect(), HERE.into())
    }

    #[test]
    fn only_the_own_name_is_answered() {
        let get = |host| asked(&Method::GET, "/events", &[("host", host)]);
        assert_eq!((get("127.0.0.1:8420"), get("localhost:8420")), (Ok(()), Ok(())));
        for other in
            ["", "127.0.0.1", "localhost", "127.0.0.1:8421", "evil.example:8420", "127.0.0.1:8420.evil.example"]
        {
            assert_eq!(get(other), Err(Refused::Host), "{other}");
        }
        assert_eq!(asked(&Method::GET, "/", &[]), Err(Refused::Host));
        let target = asked(&Method::GET, "http://evil.example/", &[("host", "127.0.0.1:8420")]);
        assert_eq!(target, Err(Refused::Host));
        let lan = ([192, 168, 1, 7], 8420).into();
        assert!(is_here("192.168.1.7:8420", lan) && !is_here("localhost:8420", lan));
        assert!(is_here("127.0.0.1", ([127, 0, 0, 1], 80).into()));
    }

    #[test]
    fn what_another_page_has_caused_is_refused() {
        let host = ("host", "localhost:8420");
        let own = ("origin", "http://localhost:8420");
        let post = |more: &[(&'static str, &'static str)]| asked(&Method::POST, "/do", &[&[host], more].concat());
        assert_eq!(post(&[own]), Ok(()));
        assert_eq!(post(&[own, ("sec-fetch-site", "same-origin")]), Ok(()));
        assert_eq!(post(&[]), Err(Refused::Origin), "a change says where it comes from");
        for other in
            ["null", "http://evil.example", "https://localhost:8420", "http://localhost:8421", "http://127.0.0.1:8420"]
        {
            assert_eq!(post(&[("origin", other)]), Err(Refused::Origin), "{other}");
        }
        let get = |path: &str, site| asked(&Method::GET, path, &[host, ("sec-fetch-site", site)]);
        assert_eq!((get("/", "cross-site"), get("/", "none")), (Ok(()), Ok(())), "a link may be followed");
        assert_eq!(
            (get("/events", "cross-site"), get("/events", "same-site")),
            (Err(Refused::Origin), Err(Refused::Origin))
        );
    }
}
