//! Listening: the socket on which people arrive, the addresses that lead to it, and the certificate shown there.

use std::io::ErrorKind;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use anyhow::Context;
use coordinator::host::{Coordinator, Limits};
use coordinator::reach::{Address, Link, Reach};
use coordinator::store::TLS;
use coordinator::tls::Tls;
use socket2::{Domain, Socket, Type};
use tokio::net::TcpListener;

use crate::args::Stage;
use crate::{interfaces, links};

/// Where people look first; taken, the system picks another.
const DEFAULT_PORT: u16 = 7070;

/// Connections that wait to be accepted.
const BACKLOG: i32 = 1024;

/// Listens where the host says.
///
/// # Errors
/// When that address is taken, or not this machine's.
pub fn listen(bind: Option<SocketAddr>) -> anyhow::Result<TcpListener> {
    match bind {
        Some(address) => at(address).with_context(|| format!("cannot listen on {address}: choose another --bind")),
        None => everywhere(DEFAULT_PORT).or_else(|_| everywhere(0)).context("cannot listen on any port"),
    }
}

/// Listens where a session was before; on another port of the same interface if that one is taken.
///
/// # Errors
/// When the interface is gone: a session that was for few is not opened to more.
pub fn listen_again(before: SocketAddr) -> anyhow::Result<TcpListener> {
    match at(before) {
        Err(problem) if problem.kind() == ErrorKind::AddrInUse => {
            let listener = at(SocketAddr::new(before.ip(), 0)).with_context(|| format!("cannot listen on {before}"))?;
            let port = listener.local_addr()?.port();
            eprintln!("warning: port {} is taken: the session is at port {port} now, under new links", before.port());
            Ok(listener)
        }
        outcome => outcome.with_context(|| {
            format!("the session was at {before}, which this machine is not now: say with --bind where to listen")
        }),
    }
}

/// Listens on all addresses, those of IPv6 included where there are any.
fn everywhere(port: u16) -> std::io::Result<TcpListener> {
    at((Ipv6Addr::UNSPECIFIED, port).into())
}

/// Listens on an address. On systems without IPv6, all addresses are those of IPv4.
fn at(address: SocketAddr) -> std::io::Result<TcpListener> {
    match bound(address) {
        Err(problem) if address.ip() == Ipv6Addr::UNSPECIFIED && problem.kind() != ErrorKind::AddrInUse => {
            bound((Ipv4Addr::UNSPECIFIED, address.port()).into())
        }
        outcome => outcome,
    }
}

fn bound(address: SocketAddr) -> std::io::Result<TcpListener> {
    let socket = Socket::new(Domain::for_address(address), Type::STREAM, None)?;
    if address.ip() == Ipv6Addr::UNSPECIFIED {
        socket.set_only_v6(false)?;
    }
    // A port that was used a moment ago is free on Unix; on Windows the option would take it from others.
    #[cfg(unix)]
    socket.set_reuse_address(true)?;
    socket.set_nonblocking(true)?;
    socket.bind(&address.into())?;
    socket.listen(BACKLOG)?;
    TcpListener::from_std(socket.into())
}

/// How people reach what listens there: what the host says, then the addresses of this machine.
///
/// # Errors
/// When the system does not say where it listens.
pub fn reach(listener: &TcpListener, stage: &Stage) -> anyhow::Result<Reach> {
    let own = links::reach(listener.local_addr()?, &interfaces::listed(), interfaces::surroundings());
    let public = stage.public_url.iter().map(|it| Address { origin: it.clone(), link: Link::Public });
    Ok(Reach { addresses: public.chain(own.addresses).collect(), ..own })
}

/// A coordinator that invites people to the address which their own devices reach, also on a host screen that this
/// machine opened at its own.
pub fn reached_by(reach: &Reach, stage: &Stage) -> Coordinator {
    let invited = reach.addresses.first().map(|it| it.origin.clone());
    let public_url = stage.public_url.clone().or(invited);
    Coordinator::new(Limits { public_url, names: links::own_names(), reach: reach.clone(), ..Limits::default() })
}

/// The certificate that the host brings, if it does.
///
/// # Errors
/// When it cannot be read.
pub fn brought(stage: &Stage) -> anyhow::Result<Option<Tls>> {
    let files = stage.cert.as_ref().zip(stage.key.as_ref());
    let brought = files.map(|(certificate, key)| Tls::brought(certificate, key)).transpose();
    brought.context("the certificate cannot be used: --cert and --key take PEM files that belong together")
}

/// A certificate of this machine's own, for the addresses that people are told and the names by which it may be asked.
///
/// # Errors
/// When it cannot be kept.
pub fn own_certificate(folder: &Path, reach: &Reach) -> anyhow::Result<Tls> {
    let told = reach.addresses.iter().filter(|it| it.link != Link::Virtual).filter_map(|it| host_of(&it.origin));
    let usual = ["localhost".to_owned(), Ipv4Addr::LOCALHOST.to_string(), Ipv6Addr::LOCALHOST.to_string()];
    let mut names: Vec<String> = told.chain(usual).chain(links::own_names()).filter(|it| is_plain(it)).collect();
    names.sort();
    names.dedup();
    Ok(Tls::own(&certificate_file(folder), &names, SystemTime::now())?)
}

/// Where a certificate lies: beside the sessions in the usual place, so that all of them show the same, else in the session's
/// own folder.
fn certificate_file(folder: &Path) -> PathBuf {
    let usual = folder.parent().filter(|it| it.ends_with(USUAL_FOLDER));
    usual.unwrap_or(folder).join(TLS)
}

/// Where sessions are kept that were not told where.
pub const USUAL_FOLDER: &str = ".pleach";

/// The name or address in an origin.
fn host_of(origin: &str) -> Option<String> {
    let host = url::Url::parse(origin).ok()?.host_str()?.to_owned();
    let literal = host.trim_start_matches('[').trim_end_matches(']');
    Some(literal.parse::<IpAddr>().map_or_else(|_| host.clone(), |it| it.to_string()))
}

/// Whether a certificate can be for this name.
fn is_plain(name: &str) -> bool {
    name.parse::<IpAddr>().is_ok() || name.bytes().all(|it| it.is_ascii_alphanumeric() || b".-_".contains(&it))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_session_comes_back_where_it_was_and_beside_it_when_that_is_taken() {
        let first = listen(Some("127.0.0.1:0".parse().expect("an address"))).expect("a free port");
        let address = first.local_addr().expect("it is bound");
        let beside = listen_again(address).expect("another port").local_addr().expect("it is bound");
        assert!(beside.ip() == address.ip() && beside.port() != address.port());
        drop(first);
        assert_eq!(listen_again(address).expect("it is free again").local_addr().expect("it is bound"), address);
        // TEST-NET-1 of RFC 5737 is nobody's.
        let problem = listen_again("192.0.2.9:7070".parse().expect("an address")).expect_err("not this machine's");
        assert!(problem.to_string().contains("--bind"), "{problem}");
    }

    #[tokio::test]
    async fn listening_everywhere_is_listening_on_ipv4_too() {
        let listener = everywhere(0).expect("a free port");
        let port = listener.local_addr().expect("it is bound").port();
        assert!(std::net::TcpStream::connect((Ipv4Addr::LOCALHOST, port)).is_ok());
    }

    #[test]
    fn a_certificate_lies_beside_the_sessions_or_in_the_only_one() {
        let file = |folder: &str| certificate_file(Path::new(folder)).display().to_string();
        assert_eq!(file(".pleach/K7QX2M"), ".pleach/tls.json");
        assert_eq!(file("/home/ada/.pleach/K7QX2M"), "/home/ada/.pleach/tls.json");
        assert_eq!(file("run"), "run/tls.json");
        assert_eq!(host_of("http://[fd00::7]:7070").as_deref(), Some("fd00::7"));
        assert_eq!(host_of("https://class.example").as_deref(), Some("class.example"));
        assert!(is_plain("laptop-3.local") && is_plain("fd00::7") && !is_plain("läptop") && !is_plain("a b"));
    }
}
