//! What a person may type: subcommands, flags and their help.

use std::net::SocketAddr;
use std::path::PathBuf;

use clap::builder::{PossibleValue, PossibleValuesParser, TypedValueParser};
use clap::{Args, Parser, Subcommand};
use engine::devices::DeviceKind;
use protocol::data::corruptions::Corrupt;
use protocol::data::partitions::Partition;

use crate::links;

/// Federated pruning in the browser.
#[derive(Debug, Parser)]
#[command(name = "pleach", version, about, after_help = EXAMPLES)]
pub struct Command {
    /// What to do.
    #[command(subcommand)]
    pub action: Action,
}

const EXAMPLES: &str = "\
Examples:
  pleach host                                       generated digits, starts at once with two practice clients
  pleach host --min-clients 5                       wait for five people, then start
  pleach host --data mnist/ --tabs 3 --exit         three headless browser tabs train on MNIST, then print a summary
  pleach host --recipe mpfl --practice 10 --exit    ten native clients, masks only on the wire
  pleach host --recipe topics --data dblp/          topics of documents that stay where they are
  pleach join http://192.168.1.20:7070/j/K7QX2M     the same client without a browser
  pleach simulate mpfl --clients 30 --out run/       thirty virtual clients on all cores, the same bits for the same seed
  pleach explain voted --clients 30                 what every round sends and prunes, before anything runs
  pleach resume .pleach/K7QX2M                      go on after a crash or a Ctrl-C";

/// What to do.
#[derive(Debug, Subcommand)]
pub enum Action {
    /// Run a session: serve the page, count votes, prune, aggregate, checkpoint.
    Host(Host),
    /// Take part in a session without a browser.
    Join(Join),
    /// Go on with a session from its last checkpoint.
    Resume(Resume),
    /// Run a session with virtual clients in this process: no socket, no browser, the same result for the same seed.
    Simulate(Simulate),
    /// Say before anything runs what a recipe sends, prunes, computes and keeps.
    Explain(Explain),
    /// List the recipes that the program carries, or print one.
    Recipes(Recipes),
}

/// Clients of a simulation or an explanation, where nothing is said.
pub const CLIENTS: u32 = 10;

/// Virtual clients.
#[derive(Debug, Args)]
pub struct Simulate {
    /// A recipe file, or the name of one that the program carries.
    #[arg(value_name = "RECIPE")]
    pub recipe: String,
    /// Folder of data, as for `host`; without it, generated digits that the program carries.
    #[arg(long, value_name = "PATH")]
    pub data: Option<PathBuf>,
    /// Virtual clients [default: 10]; ignored where a recipe asks one centre only.
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..=100_000))]
    pub clients: Option<u32>,
    /// Rounds to commit, instead of the recipe's.
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..=1_000_000))]
    pub rounds: Option<u32>,
    /// How the data is dealt out, as for `host`.
    #[arg(long, value_name = "KIND", default_value = "iid")]
    pub partition: Partition,
    /// What is wrong with whose data, as for `host`; may be repeated.
    #[arg(long, value_name = "WHAT")]
    pub corrupt: Vec<Corrupt>,
    /// Everything random follows from it.
    #[arg(long, value_name = "N", default_value_t = 1)]
    pub seed: u64,
    /// Threads that train [default: one for each core].
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..=1024))]
    pub threads: Option<u32>,
    /// Folder for models, metrics and checkpoints; a run that was stopped there goes on.
    #[arg(long, value_name = "DIR")]
    pub out: Option<PathBuf>,
    /// Print the summary as one line of JSON.
    #[arg(long)]
    pub json: bool,
}

/// A recipe before it runs.
#[derive(Debug, Args)]
pub struct Explain {
    /// A recipe file, or the name of one that the program carries.
    #[arg(value_name = "RECIPE")]
    pub recipe: String,
    /// Folder of data, as for `host`; without it, generated digits.
    #[arg(long, value_name = "PATH")]
    pub data: Option<PathBuf>,
    /// Clients [default: 10]; ignored where a recipe asks one centre only.
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..=100_000))]
    pub clients: Option<u32>,
    /// Rounds, instead of the recipe's.
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..=1_000_000))]
    pub rounds: Option<u32>,
    /// The session's seed: who is drawn into a cohort follows from it.
    #[arg(long, value_name = "N", default_value_t = 1)]
    pub seed: u64,
    /// Print one JSON object.
    #[arg(long)]
    pub json: bool,
}

/// The recipes that the program carries.
#[derive(Debug, Args)]
pub struct Recipes {
    /// Print this one's file instead of the list.
    #[arg(value_name = "NAME")]
    pub name: Option<String>,
    /// Print the works that recipes come from as BibTeX: this one's, or all.
    #[arg(long, conflicts_with = "json")]
    pub cite: bool,
    /// Print the list as one JSON array.
    #[arg(long)]
    pub json: bool,
    /// Print every key that a recipe may have as one JSON object: meaning, what it may be, range and default.
    #[arg(long, conflicts_with_all = ["name", "cite", "json"])]
    pub keys: bool,
}

/// A new session.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub struct Host {
    /// Folder of images in IDX files as MNIST, Fashion-MNIST and EMNIST have them, gzipped or not, of documents as OCTIS writes them (corpus.tsv, vocabulary.txt), or of
    /// recordings of spoken digits (WAV files or their .tar.gz); without it, generated digits that the program carries.
    #[arg(long, value_name = "PATH")]
    pub data: Option<PathBuf>,
    /// A recipe file, or the name of one that the program carries: `pleach recipes` lists them.
    #[arg(long, value_name = "FILE", default_value = "voted")]
    pub recipe: String,
    /// Rounds to commit, instead of the recipe's.
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..=1_000_000))]
    pub rounds: Option<u32>,
    /// Clients that it takes to start [default: the tabs or practice clients asked for, else 2]; one where a recipe asks one
    /// centre only.
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..=10_000))]
    pub min_clients: Option<u32>,
    /// Clients at most.
    #[arg(long, value_name = "N", default_value_t = 1000, value_parser = clap::value_parser!(u32).range(1..=10_000))]
    pub max_clients: u32,
    /// Seconds until a round closes with those who answered.
    #[arg(long, value_name = "SECS", default_value_t = 120, value_parser = clap::value_parser!(u32).range(1..=86_400))]
    pub deadline: u32,
    /// How the data is dealt out: iid; dirichlet:ALPHA (each label by shares, 0.1 is very skewed, 100 nearly even); shards:N
    /// (N pieces of the samples sorted by label to each client); pathological:N (N labels to each client); quantity:ALPHA
    /// (unlike sizes); or natural (each speaker's recordings to one client).
    #[arg(long, value_name = "KIND", default_value = "iid")]
    pub partition: Partition,
    /// Spoils the shards of these clients, to see what it does: pixels@CLIENTS (in another order), labels@CLIENTS (under
    /// other names) or noise:STRENGTH@CLIENTS (0.1 is a tenth of the range), CLIENTS as in 0,3-5; may be given several times.
    #[arg(long, value_name = "KIND@CLIENTS")]
    pub corrupt: Vec<Corrupt>,
    /// Shards to deal; client n gets shard n modulo this [default: --min-clients, at least 8 for generated digits].
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..=10_000))]
    pub parts: Option<u32>,
    /// Everything random follows from it.
    #[arg(long, value_name = "N", default_value_t = 1)]
    pub seed: u64,
    /// Where checkpoints go [default: .pleach/CODE].
    #[arg(long, value_name = "DIR")]
    pub state: Option<PathBuf>,
    /// Native clients that take part until people have joined [default: 2 without --data, --min-clients and --tabs]. Where a
    /// recipe asks one centre only, whoever comes first is it, and others watch [default: 1 without --min-clients and --tabs].
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(0..=1000))]
    pub practice: Option<u32>,
    /// How it is served and shown.
    #[command(flatten)]
    pub stage: Stage,
}

/// How a session is served and shown, new or resumed.
#[derive(Clone, Debug, Args)]
pub struct Stage {
    /// Address to listen on; port 0 lets the system pick [default: all addresses and port 7070, or a free port if that is
    /// taken].
    #[arg(long, value_name = "ADDR:PORT", value_parser = socket_address)]
    pub bind: Option<SocketAddr>,
    /// Where people find the session, if a proxy with TLS or a tunnel is in front of it: http or https, name and port, as in
    /// https://class.example. It is in the QR code, and pages from there may open sockets.
    #[arg(long, value_name = "URL", value_parser = links::public_origin)]
    pub public_url: Option<String>,
    /// Certificate to show over HTTPS, with those that vouch for it, as a PEM file; HTTP and HTTPS are on the same port [default:
    /// one of its own making, at which browsers warn].
    #[arg(long, value_name = "FILE", requires = "key")]
    pub cert: Option<PathBuf>,
    /// The certificate's private key, as a PEM file.
    #[arg(long, value_name = "FILE", requires = "cert")]
    pub key: Option<PathBuf>,
    /// Open this many headless Chromium tabs that join by the real page.
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(0..=100))]
    pub tabs: Option<u32>,
    /// What tabs and practice clients train on, instead of what their probe prefers.
    #[arg(long, value_name = "KIND", value_parser = device_kinds())]
    pub device: Option<DeviceKind>,
    /// Leave when the session is done and print the summary.
    #[arg(long)]
    pub exit: bool,
    /// Print the summary as one line of JSON.
    #[arg(long)]
    pub json: bool,
}

/// A session to go on with: where and how it was hosted before, as far as the flags do not say otherwise.
#[derive(Debug, Args)]
pub struct Resume {
    /// The session's folder, as `host` printed it.
    #[arg(value_name = "DIR")]
    pub state: PathBuf,
    /// Native clients that take part until people have joined [default: as before; the centre without --tabs, where a recipe
    /// asks one centre only].
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(0..=1000))]
    pub practice: Option<u32>,
    /// How it is served and shown.
    #[command(flatten)]
    pub stage: Stage,
}

/// A client without a browser.
#[derive(Debug, Args)]
pub struct Join {
    /// The join link.
    #[arg(value_name = "URL")]
    pub link: String,
    /// Name to show on the host screen.
    #[arg(long, value_name = "NAME", default_value = "")]
    pub name: String,
    /// What to train on, instead of what the probe prefers.
    #[arg(long, value_name = "KIND", value_parser = device_kinds())]
    pub device: Option<DeviceKind>,
}

/// Reads an address to listen on.
fn socket_address(text: &str) -> Result<SocketAddr, String> {
    text.parse().map_err(|_| "expected an address and a port, for example 0.0.0.0:7070".into())
}

/// Reads a kind of device, spelled as the page's address spells it.
fn device_kinds() -> impl TypedValueParser<Value = DeviceKind> {
    let listed = |it: &DeviceKind| PossibleValue::new(it.name()).help(about_device(*it));
    PossibleValuesParser::new(DeviceKind::ALL.iter().map(listed)).try_map(|it| it.parse::<DeviceKind>())
}

fn about_device(kind: DeviceKind) -> &'static str {
    match kind {
        DeviceKind::Gpu => "WebGPU in a tab, Vulkan natively",
        DeviceKind::GpuF16 => "The same with activations kept as 16-bit floats",
        DeviceKind::Cpu => "Vector instructions",
    }
}
