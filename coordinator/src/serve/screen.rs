//! The host's socket: the secret first, then the view whenever it changes, and orders back.

use std::sync::Arc;
use std::time::Duration;

use axum::extract::ws::{Message, WebSocket};
use futures_util::StreamExt;
use serde::Deserialize;
use tokio::time::{sleep, timeout};

use super::client::{PING, SILENCE, Sink, Stream, depart, send_one};
use super::downloads::file_links;
use super::farewell::Farewell;
use super::{App, closed};
use crate::host::Handle;
use crate::session::Order;
use crate::showing::{Base, Invitation, Shown, Told};
use crate::{json, secret};

/// How long a host screen may take to prove itself.
const LOGIN_LIMIT: Duration = Duration::from_secs(10);

/// Least time between two views.
const VIEW_PAUSE: Duration = Duration::from_millis(200);

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

/// Serves a host screen. Whoever does not know the secret learns nothing, not even whether there is such a session.
pub(super) async fn attend(socket: WebSocket, app: App, code: &str, base: &Base) {
    let (mut sink, mut stream) = socket.split();
    let farewell = tokio::select! {
        it = converse(&mut sink, &mut stream, app.coordinator.session(code), base) => it,
        () = closed(app.closing.clone()) => Farewell::Restarting,
    };
    depart(sink, stream, farewell).await;
}

async fn converse(sink: &mut Sink, stream: &mut Stream, session: Option<Handle>, base: &Base) -> Farewell {
    let login = match timeout(LOGIN_LIMIT, text(stream)).await {
        Ok(Ok(text)) => serde_json::from_str::<Login>(&text),
        Ok(Err(farewell)) => return farewell,
        Err(_) => return Farewell::Silent,
    };
    let is_host =
        |it: &Handle| login.is_ok_and(|login| secret::is_same(login.secret.as_bytes(), it.host_secret.as_bytes()));
    let Some(session) = session.filter(is_host) else { return Farewell::Stranger };
    tokio::select! {
        it = obey(stream, &session) => it,
        it = show(sink, session.clone(), base) => it,
    }
}

async fn obey(stream: &mut Stream, session: &Handle) -> Farewell {
    loop {
        match text(stream).await.map(|it| serde_json::from_str::<Command>(&it)) {
            Ok(Ok(Command { order })) => session.order(order).await,
            Ok(Err(_)) => return Farewell::Garbled,
            Err(farewell) => return farewell,
        }
    }
}

async fn show(sink: &mut Sink, mut session: Handle, base: &Base) -> Farewell {
    let invitation = Invitation::new(&session.code, &base.origin).among(&base.reach);
    let mut told = Told::default();
    loop {
        let view = session.views.borrow_and_update().clone();
        let history = told.next(&view.history);
        let shown = Shown {
            view: &view,
            history: history.iter().map(Arc::as_ref).collect(),
            invitation: &invitation,
            downloads: file_links(&session),
        };
        if let Err(farewell) = send_one(sink, Message::Text(json::text(&shown).into())).await {
            return farewell;
        }
        if told.untold(&view.history).next().is_some() {
            continue;
        }
        sleep(VIEW_PAUSE).await;
        loop {
            let sent = match timeout(PING, session.views.changed()).await {
                Ok(Ok(())) => break,
                Ok(Err(_)) => return Farewell::Restarting,
                Err(_) => send_one(sink, Message::Ping(Default::default())).await,
            };
            if let Err(farewell) = sent {
                return farewell;
            }
        }
    }
}

/// The next message, which must be text.
async fn text(stream: &mut Stream) -> Result<String, Farewell> {
    loop {
        match timeout(SILENCE, stream.next()).await {
            Ok(Some(Ok(Message::Text(text)))) => return Ok(text.to_string()),
            Ok(Some(Ok(Message::Ping(_) | Message::Pong(_)))) => {}
            Ok(Some(Ok(Message::Binary(_) | Message::Close(_)) | Err(_)) | None) => return Err(Farewell::Garbled),
            Err(_) => return Err(Farewell::Silent),
        }
    }
}
