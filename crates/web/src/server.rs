//! Sockets, routes and links. The server has a thread of its own and ends with [`Server::close`].

use std::convert::Infallible;
use std::io;
use std::net::{IpAddr, Ipv4Addr, SocketAddr, UdpSocket};
use std::sync::Arc;
use std::thread::JoinHandle;
use std::time::Duration;

use axum::body::{Body, Bytes};
use axum::extract::{DefaultBodyLimit, Request, State};
use axum::http::header::{CACHE_CONTROL, CONTENT_TYPE, COOKIE, HeaderName, SET_COOKIE};
use axum::http::{HeaderMap, HeaderValue, StatusCode, Uri};
use axum::middleware::{self, Next};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use axum::{Extension, Router};
use futures::stream;
use hyper::server::conn::http1;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::service::TowerToHyperService;
use serde::Deserialize;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Semaphore;
use tokio::sync::mpsc::Receiver;
use tokio::time::timeout;
use tokio_util::sync::CancellationToken;
use truehinge_core::words::Language;
use truehinge_session::recording::Command;

use crate::guard;
use crate::keys::{Keys, May};
use crate::{Error, Page, assets};

/// Where it is served unless another port is asked for.
const PORT: u16 = 8420;
/// Connections at once: a browser has some beside its stream of events.
const CONNECTIONS: usize = 256;
/// How long a request may take to arrive.
const PATIENCE: Duration = Duration::from_secs(10);
/// Longest silence: a page that hears nothing for longer says that it is alone.
const BEAT: Duration = Duration::from_secs(2);
/// How long the last messages may take.
const FAREWELL: Duration = Duration::from_secs(1);
/// Longest body of a request, bytes.
const BODY: usize = 1024;

/// Which port.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum Port {
    /// The usual one, or any other if it is taken.
    #[default]
    Usual,
    /// This one and no other; 0 is any that is free.
    Exactly(u16),
}

/// Where it is served.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Place {
    /// At this port.
    pub port: Port,
    /// Also to other devices of the network, not to this computer alone.
    pub lan: bool,
}

/// The addresses of a page, with the keys that open it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Links {
    /// On this computer, for who may change the session.
    pub operate: String,
    /// From other devices, if it is served to them.
    pub lan: Option<LanLinks>,
}

/// Stands in links for the address of this computer where the system does not tell it.
pub const UNKNOWN: &str = "THIS-COMPUTER";

/// Addresses for other devices of the network.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct LanLinks {
    /// For who may only watch.
    pub watch: String,
    /// For who may change the session.
    pub operate: String,
}

/// A page that is being served.
pub struct Server {
    page: Page,
    address: SocketAddr,
    keys: Arc<Keys>,
    stop: CancellationToken,
    thread: JoinHandle<()>,
}

impl Server {
    /// Serves a page from now on.
    ///
    /// # Errors
    /// The port is taken, or the system says no.
    pub fn open(page: Page, place: Place) -> Result<Self, Error> {
        let keys = Arc::new(Keys::new()?);
        let (listener, address) = bind(place)?;
        let not_served = |cause| Error::NotServed { port: address.port(), cause };
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().map_err(not_served)?;
        let stop = CancellationToken::new();
        let app = App { page: page.clone(), keys: Arc::clone(&keys), cookie: format!("truehinge-{}", address.port()) };
        let until = stop.clone();
        let serve = move || {
            runtime.block_on(async move {
                // It was bound just now: what tokio says no to would be the system's fault, and the page alone is missing then.
                if let Ok(listener) = TcpListener::from_std(listener) {
                    accept(&listener, &routes(app), &until).await;
                }
            });
            runtime.shutdown_background();
        };
        let thread = std::thread::Builder::new().name("page".to_owned()).spawn(serve).map_err(not_served)?;
        Ok(Self { page, address, keys, stop, thread })
    }

    /// Where it is.
    pub fn links(&self) -> Links {
        let port = self.address.port();
        let link = |host: &str, may| format!("http://{host}:{port}/#{}", self.keys.of(may));
        let lan = (!self.address.ip().is_loopback()).then(|| {
            let host = own_address().map_or_else(|| UNKNOWN.to_owned(), |own| own.to_string());
            LanLinks { watch: link(&host, May::Watch), operate: link(&host, May::Operate) }
        });
        Links { operate: link(&Ipv4Addr::LOCALHOST.to_string(), May::Operate), lan }
    }

    /// At which port.
    pub fn port(&self) -> u16 {
        self.address.port()
    }

    /// Sends what is left to say, and ends.
    pub fn close(self) {
        self.page.end();
        self.stop.cancel();
        // Were it to fail, there is no page to tell.
        let _ = self.thread.join();
    }
}

fn bind(place: Place) -> Result<(std::net::TcpListener, SocketAddr), Error> {
    let host = if place.lan { Ipv4Addr::UNSPECIFIED } else { Ipv4Addr::LOCALHOST };
    let open = |port: u16| {
        let listener = std::net::TcpListener::bind((host, port))?;
        listener.set_nonblocking(true)?;
        let address = listener.local_addr()?;
        Ok((listener, address))
    };
    let of = |port| move |cause: io::Error| Error::of_binding(port, cause);
    match place.port {
        Port::Exactly(port) => open(port).map_err(of(port)),
        Port::Usual => match open(PORT) {
            Err(cause) if cause.kind() == io::ErrorKind::AddrInUse => open(0).map_err(of(0)),
            other => other.map_err(of(PORT)),
        },
    }
}

/// This computer's address in its network: that from which it would reach others. Nothing is sent.
fn own_address() -> Option<Ipv4Addr> {
    let socket = UdpSocket::bind((Ipv4Addr::UNSPECIFIED, 0)).ok()?;
    // An address that is kept for documents (RFC 5737).
    socket.connect((Ipv4Addr::new(192, 0, 2, 1), 9)).ok()?;
    match socket.local_addr().ok()?.ip() {
        IpAddr::V4(own) if !own.is_unspecified() => Some(own),
        _ => None,
    }
}

/// Answers until it is to stop; then waits a moment for what is being sent.
async fn accept(listener: &TcpListener, routes: &Router, stop: &CancellationToken) {
    let places = Arc::new(Semaphore::new(CONNECTIONS));
    let mut running = tokio::task::JoinSet::new();
    loop {
        let accepted = tokio::select! {
            accepted = listener.accept() => accepted,
            () = stop.cancelled() => break,
        };
        // Whoever hung up already is no reason to stop; nor is a system that has no handle left for a while.
        let Ok((stream, _)) = accepted else {
            tokio::time::sleep(Duration::from_millis(50)).await;
            continue;
        };
        while running.try_join_next().is_some() {}
        let (Ok(place), Ok(here)) = (Arc::clone(&places).try_acquire_owned(), stream.local_addr()) else { continue };
        let (routes, stop) = (routes.clone().layer(Extension(here)), stop.clone());
        running.spawn(async move {
            answer(stream, routes, &stop).await;
            drop(place);
        });
    }
    let _ = timeout(FAREWELL, async { while running.join_next().await.is_some() {} }).await;
}

async fn answer(stream: TcpStream, routes: Router, stop: &CancellationToken) {
    // A cue is small and must not wait for more.
    let _ = stream.set_nodelay(true);
    let connection = http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(PATIENCE)
        .serve_connection(TokioIo::new(stream), TowerToHyperService::new(routes));
    let mut connection = std::pin::pin!(connection);
    // What goes wrong with a connection is its browser's matter.
    tokio::select! {
        _ = connection.as_mut() => {}
        () = stop.cancelled() => {
            connection.as_mut().graceful_shutdown();
            let _ = connection.await;
        }
    }
}

/// What the routes know.
#[derive(Clone)]
struct App {
    page: Page,
    keys: Arc<Keys>,
    /// Name of the cookie that holds the key; pages at several ports of a computer share their cookies.
    cookie: String,
}

fn routes(app: App) -> Router {
    let mut routes = Router::new().route("/enter", post(enter)).route("/events", get(events)).route("/do", post(act));
    for asset in assets::ALL {
        let answer = move || async move { ([(CONTENT_TYPE, asset.kind)], asset.text) };
        routes = routes.route(asset.path, get(answer));
    }
    routes
        .layer(DefaultBodyLimit::max(BODY))
        .layer(middleware::from_fn(guarded))
        .layer(middleware::map_response(strict))
        .with_state(app)
}

/// Only what the own page asks for is answered.
async fn guarded(Extension(here): Extension<SocketAddr>, request: Request, next: Next) -> Response {
    match guard::check(request.method(), request.uri(), request.headers(), here) {
        Ok(()) => next.run(request).await,
        Err(guard::Refused::Host) => (StatusCode::MISDIRECTED_REQUEST, "not the name of this page\n").into_response(),
        Err(guard::Refused::Origin) => (StatusCode::FORBIDDEN, "not asked for by this page\n").into_response(),
    }
}

/// What a browser may do with an answer: nothing but show it here.
const POLICY: [(HeaderName, &str); 6] = [
    (
        HeaderName::from_static("content-security-policy"),
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; base-uri 'none'; \
         form-action 'none'; frame-ancestors 'none'",
    ),
    (HeaderName::from_static("x-content-type-options"), "nosniff"),
    (HeaderName::from_static("referrer-policy"), "no-referrer"),
    (HeaderName::from_static("cross-origin-resource-policy"), "same-origin"),
    (HeaderName::from_static("cross-origin-opener-policy"), "same-origin"),
    (CACHE_CONTROL, "no-store"),
];

async fn strict(mut response: Response) -> Response {
    let headers = response.headers_mut();
    POLICY.into_iter().for_each(|(name, value)| drop(headers.insert(name, HeaderValue::from_static(value))));
    response
}

impl App {
    /// What whoever sent a request may do.
    fn may(&self, headers: &HeaderMap) -> Option<May> {
        let cookies = headers.get_all(COOKIE).iter().filter_map(|cookies| cookies.to_str().ok());
        let given = cookies
            .flat_map(|cookies| cookies.split(';'))
            .filter_map(|cookie| cookie.trim().strip_prefix(self.cookie.as_str())?.strip_prefix('='));
        given.filter_map(|key| self.keys.may(key)).max()
    }
}

/// Takes the key of a link and gives it back as a cookie that no script reads.
async fn enter(State(app): State<App>, key: Bytes) -> Response {
    let Some(key) = std::str::from_utf8(&key).ok().filter(|key| app.keys.may(key).is_some()) else {
        return (StatusCode::FORBIDDEN, "not the key of this page\n").into_response();
    };
    let cookie = format!("{}={key}; Path=/; HttpOnly; SameSite=Strict", app.cookie);
    (StatusCode::NO_CONTENT, [(SET_COOKIE, cookie)]).into_response()
}

/// The whole state and then every change.
async fn events(State(app): State<App>, uri: Uri, headers: HeaderMap) -> Response {
    let Some(may) = app.may(&headers) else {
        return (StatusCode::FORBIDDEN, "the whole link of this page is needed\n").into_response();
    };
    let is_german = uri.query().is_some_and(|query| query.split('&').any(|part| part == "lang=de"));
    let language = if is_german { Language::German } else { Language::English };
    let Some(queue) = app.page.watch(language, may == May::Operate) else {
        return (StatusCode::SERVICE_UNAVAILABLE, "too many pages are open\n").into_response();
    };
    ([(CONTENT_TYPE, "text/event-stream")], Body::from_stream(stream::unfold(queue, next))).into_response()
}

/// The next message for a viewer, or a sign of life.
async fn next(mut queue: Receiver<Bytes>) -> Option<(Result<Bytes, Infallible>, Receiver<Bytes>)> {
    let message = match timeout(BEAT, queue.recv()).await {
        Ok(message) => message?,
        Err(_) => Bytes::from_static(b"event: beat\ndata: 0\n\n"),
    };
    Some((Ok(message), queue))
}

/// What an operator may ask for.
#[derive(Deserialize)]
#[serde(rename_all = "snake_case")]
enum Wish {
    /// End the session.
    Stop,
    #[serde(untagged)]
    Ask(Command),
}

/// Does what an operator asks for.
async fn act(State(app): State<App>, headers: HeaderMap, wish: Bytes) -> Response {
    if app.may(&headers) != Some(May::Operate) {
        return (StatusCode::FORBIDDEN, "the operator's link is needed\n").into_response();
    }
    let Ok(wish) = serde_json::from_slice::<Wish>(&wish) else {
        return (StatusCode::BAD_REQUEST, "not something that a session can do\n").into_response();
    };
    let Some(control) = app.page.control() else {
        return (StatusCode::CONFLICT, "there is no session to operate\n").into_response();
    };
    match wish {
        Wish::Stop => control.stop(),
        Wish::Ask(command) => control.ask(command),
    }
    StatusCode::NO_CONTENT.into_response()
}
