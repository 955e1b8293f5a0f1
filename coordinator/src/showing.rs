//! What a host screen is sent: the view, how people join, where downloads are, and each round once.

use std::collections::BTreeMap;
use std::sync::Arc;

use qrcode::{Color, QrCode};
use serde::Serialize;

use crate::reach::{Link, Obstacle, Reach};
use crate::session::{RoundRecord, View};

/// One message to a host screen.
#[derive(Debug, Serialize)]
pub struct Shown<'a> {
    /// Where the session is.
    #[serde(flatten)]
    pub view: &'a View,
    /// Rounds that this screen has not been sent yet, or not as they are known now; a long history comes in several messages.
    pub history: Vec<&'a RoundRecord>,
    /// How people join.
    #[serde(flatten)]
    pub invitation: &'a Invitation,
    /// Where the model and the metrics are, by file name.
    pub downloads: BTreeMap<&'static str, String>,
}

/// How people join.
#[derive(Clone, Debug, Serialize)]
pub struct Invitation {
    /// The join code.
    code: String,
    /// The join link.
    join_url: String,
    /// The join link as a picture.
    qr_svg: String,
    /// All join links, where there are several.
    ways: Vec<Way>,
    /// Why other devices may not reach the coordinator.
    obstacle: Option<Obstacle>,
}

/// Where a host screen says that people find its coordinator.
#[derive(Clone, Debug)]
pub(crate) struct Base {
    /// The address to which people are invited.
    pub(crate) origin: String,
    /// All that there are.
    pub(crate) reach: Reach,
}

/// One of several join links.
#[derive(Clone, Debug, Serialize)]
struct Way {
    join_url: String,
    link: Link,
}

impl Invitation {
    /// To the session of a code, at the address where people reach its coordinator.
    pub fn new(code: &str, base: &str) -> Self {
        let join_url = format!("{base}/j/{code}");
        Self { code: code.into(), qr_svg: picture(&join_url), join_url, ways: vec![], obstacle: None }
    }

    /// With all addresses that may lead there.
    pub fn among(self, reach: &Reach) -> Self {
        let way = |(origin, link): (&String, Link)| Way { join_url: format!("{origin}/j/{}", self.code), link };
        let ways: Vec<Way> = reach.addresses.iter().map(|it| way((&it.origin, it.link))).collect();
        Self { ways: if ways.len() > 1 { ways } else { vec![] }, obstacle: reach.obstacle(), ..self }
    }
}

/// Bytes of rounds that one message carries at most, so that none is long; one round always may.
const MOST_BYTES: usize = 8000;

/// Which rounds a screen has been sent, and whether they had been measured by then.
#[derive(Default)]
pub(crate) struct Told(Vec<bool>);

impl Told {
    /// The next rounds to send.
    pub(crate) fn next(&mut self, history: &[Arc<RoundRecord>]) -> Vec<Arc<RoundRecord>> {
        self.0.truncate(history.len());
        let mut left = MOST_BYTES;
        let fits = |it: &&Arc<RoundRecord>| {
            let len = serde_json::to_string(it.as_ref()).map_or(0, |it| it.len() + 1);
            let fits = len <= left || left == MOST_BYTES;
            left = left.saturating_sub(len);
            fits
        };
        let next: Vec<Arc<RoundRecord>> = self.untold(history).take_while(fits).cloned().collect();
        for it in &next {
            self.0.resize(self.0.len().max(it.round as usize + 1), false);
            self.0[it.round as usize] = it.test.is_some();
        }
        next
    }

    /// Rounds that the screen does not know as they are known now.
    pub(crate) fn untold<'a>(&self, history: &'a [Arc<RoundRecord>]) -> impl Iterator<Item = &'a Arc<RoundRecord>> {
        history.iter().filter(|it| self.0.get(it.round as usize).is_none_or(|told| !told && it.test.is_some()))
    }
}

/// A text as a QR code: an SVG with one stroke for every run of dark modules, since it travels with every view.
fn picture(text: &str) -> String {
    let Ok(code) = QrCode::new(text) else { return String::new() };
    let (n, colors) = (code.width(), code.to_colors());
    let mut strokes = String::new();
    for (y, row) in colors.chunks(n).enumerate() {
        let mut x = 0;
        for run in row.chunk_by(|a, b| a == b) {
            if run[0] == Color::Dark {
                strokes += &format!("M{x} {y}.5h{}", run.len());
            }
            x += run.len();
        }
    }
    // Four modules of margin on every side (ISO/IEC 18004).
    let side = n + 8;
    format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"240\" height=\"240\" viewBox=\"-4 -4 {side} {side}\" \
         shape-rendering=\"crispEdges\"><path fill=\"#fff\" d=\"M-4-4h{side}v{side}H-4z\"/>\
         <path stroke=\"#000\" d=\"{strokes}\"/></svg>"
    )
}

#[cfg(test)]
mod tests {
    use protocol::wire::Evaluation;

    use super::*;

    fn record(round: u32, test: Option<Evaluation>) -> Arc<RoundRecord> {
        Arc::new(RoundRecord { round, test, ..RoundRecord::default() })
    }

    #[test]
    fn a_round_is_told_once_and_once_more_when_it_is_measured() {
        let mut told = Told::default();
        let mut history: Vec<Arc<RoundRecord>> = (0..3).map(|it| record(it, None)).collect();
        let rounds = |it: Vec<Arc<RoundRecord>>| it.iter().map(|it| it.round).collect::<Vec<_>>();
        assert_eq!(rounds(told.next(&history)), [0, 1, 2]);
        assert_eq!(rounds(told.next(&history)), [0_u32; 0]);
        history[1] = record(1, Some(Evaluation::default()));
        history.push(record(3, None));
        assert_eq!(rounds(told.next(&history)), [1, 3]);
        assert_eq!(rounds(told.next(&history)), [0_u32; 0]);
    }

    #[test]
    fn a_long_history_comes_in_pieces() {
        let history: Vec<Arc<RoundRecord>> = (0..50).map(|it| record(it, None)).collect();
        let mut told = Told::default();
        let mut pieces: Vec<Vec<Arc<RoundRecord>>> = vec![];
        while told.untold(&history).next().is_some() {
            pieces.push(told.next(&history));
        }
        let len = |it: &Arc<RoundRecord>| serde_json::to_string(it.as_ref()).expect("plain data").len() + 1;
        let lens: Vec<usize> = pieces.iter().map(|it| it.iter().map(len).sum()).collect();
        assert!(lens.len() > 1 && lens.iter().all(|it| *it <= MOST_BYTES), "{lens:?}");
        assert_eq!(pieces.concat(), history);
    }

    #[test]
    fn a_picture_has_every_dark_module_of_its_code() {
        let text = "http://192.168.178.123:8080/j/ABC123";
        let code = QrCode::new(text).expect("it fits");
        let svg = picture(text);
        let strokes = svg.split_once("stroke=\"#000\" d=\"").and_then(|it| it.1.split_once('"')).expect("strokes").0;
        let mut drawn = vec![Color::Light; code.width() * code.width()];
        for stroke in strokes.split('M').skip(1) {
            let (x, rest) = stroke.split_once(' ').expect("where it begins");
            let (y, n) = rest.split_once(".5h").expect("how long it is");
            let [x, y, n] = [x, y, n].map(|it| it.parse::<usize>().expect("a number"));
            drawn[y * code.width() + x..][..n].fill(Color::Dark);
        }
        assert!(drawn == code.to_colors());
        assert!(svg.len() < 4000, "{} bytes", svg.len());
    }

    #[test]
    fn a_round_of_many_rows_goes_alone() {
        let long = Arc::new(RoundRecord { alive: vec![1_000_000; 2000], ..RoundRecord::default() });
        let history = vec![long, record(1, None)];
        let mut told = Told::default();
        assert_eq!([told.next(&history).len(), told.next(&history).len(), told.next(&history).len()], [1, 1, 0]);
    }
}
