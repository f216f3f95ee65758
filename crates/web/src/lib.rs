//! # truehinge-web: the live page
//!
//! A session in the browser, served by the program itself: nothing is loaded from elsewhere. A [`Page`] hears every [`Event`] of the one
//! source that terminal, file and JSON share, and a [`Server`] shows it to whoever has a link.
//!
//! ```no_run
//! use truehinge_session::Judge;
//! use truehinge_session::recording::Replay;
//! use truehinge_web::{Page, Place, Server, Showing};
//!
//! fn main() -> Result<(), Box<dyn std::error::Error>> {
//!     let page = Page::new(Showing::Replay);
//!     let server = Server::open(page.clone(), Place::default())?;
//!     println!("{}", server.links().operate);
//!     Replay::of("P-014.mcap".as_ref(), &Judge::default())?.run(1.0, &|| true, &mut |event| page.tell(event));
//!     server.close();
//!     Ok(())
//! }
//! ```
//!
//! | module | what |
//! |---|---|
//! | `page` | what is shown, its numbered changes, and who watches; never waits for a viewer |
//! | `view` | the board of a session as JSON, in a language |
//! | `server` | sockets, routes, links |
//! | `keys` | who may watch and who may operate |
//! | `guard` | requests that other pages of the browser have caused |
//! | `assets` | the files of the page |
//!
//! What the page does and what it does not protect from: docs/live.md. Why it is so: decision 0022.
//!
//! [`Event`]: truehinge_session::recording::Event

// A panic would cost the page; tests may.
#![cfg_attr(not(test), deny(clippy::unwrap_used, clippy::expect_used))]

mod assets;
mod error;
mod guard;
mod keys;
mod page;
mod server;
mod view;

pub use error::Error;
pub use page::Page;
pub use server::{LanLinks, Links, Place, Port, Server, UNKNOWN};
pub use view::Showing;
