//! The page that a command serves, and where it says that it is.

use std::time::Duration;

use qrcode::QrCode;
use qrcode::render::unicode::Dense1x2;
use serde::Serialize;
use truehinge_web::{Links, Page, Place, Server, Showing, UNKNOWN};

use crate::args::FrontArgs;
use crate::json::{self, Output};

/// How often it is looked whether somebody watches.
const LOOK: Duration = Duration::from_millis(50);

/// A page that is served.
pub struct Served {
    page: Page,
    server: Server,
    /// Where it is, for a screen that covers what was printed.
    pub links: Vec<String>,
}

/// Where a page is, for programs.
#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct PageLine {
    /// Its address on this computer, for who may change the session.
    pub operate: String,
    /// Its address for other devices that may watch, if it is served to them.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub watch_lan: Option<String>,
    /// Its address for other devices that may change the session, if it is served to them.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub operate_lan: Option<String>,
}

impl Output for PageLine {
    const SCHEMA: &'static str = "truehinge/page/1";
}

impl Served {
    /// Serves a page if that is asked for, and says where it is.
    ///
    /// # Errors
    /// The port is taken, or the system says no.
    pub fn of(args: &FrontArgs, showing: Showing, json: bool) -> Result<Option<Self>, truehinge_web::Error> {
        if args.web.is_none() && !args.lan {
            return Ok(None);
        }
        let port = args.web.unwrap_or_default();
        let page = Page::new(showing);
        let server = Server::open(page.clone(), Place { port, lan: args.lan })?;
        let links = server.links();
        tell(&links, json);
        let here = format!("page {}", links.operate);
        let links = [here].into_iter().chain(links.lan.map(|lan| format!("to watch {}", lan.watch))).collect();
        Ok(Some(Self { page, server, links }))
    }

    /// The page.
    pub fn page(&self) -> Page {
        self.page.clone()
    }

    /// Waits until somebody has opened the page, as long as it is wanted.
    pub fn wait_for_somebody(&self, is_wanted: &dyn Fn() -> bool) {
        while is_wanted() && self.page.viewers() == 0 {
            std::thread::sleep(LOOK);
        }
    }

    /// Sends what is left to say, and ends.
    pub fn close(self) {
        self.server.close();
    }
}

fn tell(links: &Links, json: bool) {
    let lan = links.lan.as_ref();
    if json {
        let [watch_lan, operate_lan] = [lan.map(|lan| lan.watch.clone()), lan.map(|lan| lan.operate.clone())];
        return json::print(&PageLine { operate: links.operate.clone(), watch_lan, operate_lan });
    }
    println!("page       {}", links.operate);
    let Some(lan) = lan else { return };
    println!("to watch   {}", lan.watch);
    println!("to operate {}", lan.operate);
    if lan.watch.contains(UNKNOWN) {
        println!("The system does not tell this computer's address in the network: put it in place of {UNKNOWN}.");
    } else if let Ok(code) = QrCode::new(&lan.watch) {
        println!("{}", code.render::<Dense1x2>().quiet_zone(true).build());
    }
    println!(
        "Everybody in this network who has a link can use it, and the network can read what is sent: no names in codes."
    );
}

#[cfg(test)]
mod tests {
    use truehinge_core::Verdict;
    use truehinge_report::theme::{FAULT_ZONE, GOOD_ZONE, SKIN, hex, mark};

    /// The page and the reports know nothing of one another; this program knows both.
    #[test]
    fn colours_and_letters_of_the_page_are_those_of_the_reports() {
        let style = include_str!("../../../web/assets/live.css");
        let colour = |name: &str| {
            let (_, rest) = style.split_once(&format!("--{name}: ")).expect("a colour");
            rest.split(';').next().expect("a value").to_owned()
        };
        for verdict in Verdict::ALL {
            assert_eq!(colour(verdict.name()), hex(mark(verdict).colour));
            assert_eq!(verdict.letter(), mark(verdict).letter);
        }
        assert_eq!([colour("good"), colour("fault"), colour("skin")], [GOOD_ZONE, FAULT_ZONE, SKIN].map(hex));
    }
}
