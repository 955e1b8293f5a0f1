//! The host's socket: the secret first, then the view whenever it changes, and orders back.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use axum::extract::ws::{Message, WebSocket};
use futures_util::StreamExt;
use qrcode::{Color, QrCode};
use serde::{Deserialize, Serialize};
use tokio::time::{sleep, timeout};

use super::client::{Farewell, PING, POLICY, RESTARTING, SILENCE, SILENT, Sink, Stream, depart, send_one};
use super::downloads::file_links;
use super::{App, closed};
use crate::host::Handle;
use crate::secret;
use crate::session::{Order, RoundRecord, View};

/// How long a host screen may take to prove itself.
const LOGIN_LIMIT: Duration = Duration::from_secs(10);

/// Least time between two views.
const VIEW_PAUSE: Duration = Duration::from_millis(200);

const STRANGER: Farewell =
    Farewell(POLICY, "this secret does not open this session: open the host link that the coordinator printed");
const GARBLED: Farewell = Farewell(POLICY, "the host screen sent something unreadable: reload it");

/// The first message.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Login {
    secret: String,
}

/// Every further one.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Command {
    order: Order,
}

/// What the screen is sent.
#[derive(Serialize)]
struct Shown<'a> {
    #[serde(flatten)]
    view: &'a View,
    /// Rounds that this screen has not been sent yet, or not as they are known now; a long history comes in several messages.
    history: Vec<&'a RoundRecord>,
    code: &'a str,
    join_url: &'a str,
    /// The join link as a picture.
    qr_svg: &'a str,
    /// Where the model and the metrics are, by file name.
    downloads: BTreeMap<&'static str, String>,
}

/// Bytes of rounds that one message carries at most, so that none is long; one round always may.
const MOST_BYTES: usize = 8000;

/// Which rounds a screen has been sent, and whether they had been measured by then.
#[derive(Default)]
struct Told(Vec<bool>);

impl Told {
    /// The next rounds to send.
    fn next(&mut self, history: &[Arc<RoundRecord>]) -> Vec<Arc<RoundRecord>> {
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
    fn untold<'a>(&self, history: &'a [Arc<RoundRecord>]) -> impl Iterator<Item = &'a Arc<RoundRecord>> {
        history.iter().filter(|it| self.0.get(it.round as usize).is_none_or(|told| !told && it.test.is_some()))
    }
}

/// Serves a host screen. Whoever does not know the secret learns nothing, not even whether there is such a session.
pub(super) async fn attend(socket: WebSocket, app: App, code: &str, base: &str) {
    let (mut sink, mut stream) = socket.split();
    let farewell = tokio::select! {
        it = converse(&mut sink, &mut stream, app.coordinator.session(code), base) => it,
        () = closed(app.closing.clone()) => RESTARTING,
    };
    depart(sink, stream, farewell).await;
}

async fn converse(sink: &mut Sink, stream: &mut Stream, session: Option<Handle>, base: &str) -> Farewell {
    let login = match timeout(LOGIN_LIMIT, text(stream)).await {
        Ok(Ok(text)) => serde_json::from_str::<Login>(&text),
        Ok(Err(farewell)) => return farewell,
        Err(_) => return SILENT,
    };
    let is_host =
        |it: &Handle| login.is_ok_and(|login| secret::is_same(login.secret.as_bytes(), it.host_secret.as_bytes()));
    let Some(session) = session.filter(is_host) else { return STRANGER };
    tokio::select! {
        it = obey(stream, &session) => it,
        it = show(sink, session.clone(), base) => it,
    }
}

async fn obey(stream: &mut Stream, session: &Handle) -> Farewell {
    loop {
        match text(stream).await.map(|it| serde_json::from_str::<Command>(&it)) {
            Ok(Ok(Command { order })) => session.order(order).await,
            Ok(Err(_)) => return GARBLED,
            Err(farewell) => return farewell,
        }
    }
}

async fn show(sink: &mut Sink, mut session: Handle, base: &str) -> Farewell {
    let join_url = format!("{base}/j/{}", session.code);
    let qr_svg = picture(&join_url);
    let mut told = Told::default();
    loop {
        let view = session.views.borrow_and_update().clone();
        let history = told.next(&view.history);
        let shown = Shown {
            view: &view,
            history: history.iter().map(Arc::as_ref).collect(),
            code: &session.code,
            join_url: &join_url,
            qr_svg: &qr_svg,
            downloads: file_links(&session),
        };
        let json = serde_json::to_string(&shown).expect("its keys are strings");
        if let Err(farewell) = send_one(sink, Message::Text(json.into())).await {
            return farewell;
        }
        if told.untold(&view.history).next().is_some() {
            continue;
        }
        sleep(VIEW_PAUSE).await;
        loop {
            let sent = match timeout(PING, session.views.changed()).await {
                Ok(Ok(())) => break,
                Ok(Err(_)) => return RESTARTING,
                Err(_) => send_one(sink, Message::Ping(Default::default())).await,
            };
            if let Err(farewell) = sent {
                return farewell;
            }
        }
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

/// The next message, which must be text.
async fn text(stream: &mut Stream) -> Result<String, Farewell> {
    loop {
        match timeout(SILENCE, stream.next()).await {
            Ok(Some(Ok(Message::Text(text)))) => return Ok(text.to_string()),
            Ok(Some(Ok(Message::Ping(_) | Message::Pong(_)))) => {}
            Ok(Some(Ok(Message::Binary(_) | Message::Close(_)) | Err(_)) | None) => return Err(GARBLED),
            Err(_) => return Err(SILENT),
        }
    }
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
