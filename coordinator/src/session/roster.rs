//! The roster: everyone who ever joined a session, and how each one stands.

use std::collections::BTreeMap;

use protocol::wire::Contribution;
use serde::{Deserialize, Serialize};

use super::events::Introduction;

/// Number of a client within its session, from 0, in the order of first joining.
pub type ClientId = u32;

/// The one client that holds all of the data, where a recipe asks a centre: the host's own.
pub const CENTRE: ClientId = ClientId::MAX;

/// How a client stands in the open round.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum MemberState {
    /// Here, with nothing asked of it.
    Joined,
    /// Works on the plan.
    Training,
    /// Counted in this round.
    Voted,
    /// The round closed without it.
    Late,
    /// The connection is lost.
    Gone,
}

/// One client.
#[derive(Clone, Debug)]
pub struct Member {
    /// How it presented itself.
    pub introduction: Introduction,
    /// How it stands.
    pub state: MemberState,
    /// Whether its connection is up.
    pub is_connected: bool,
    /// Which of its connections this is.
    connection: u32,
    /// Rounds in which it was counted.
    pub rounds: u32,
    /// Refusals it earned.
    pub refusals: u32,
    /// Training loss it last reported.
    pub loss: Option<f32>,
    /// Samples it last trained on.
    pub n_samples: u32,
    /// Microseconds its last training took.
    pub train_micros: u32,
}

/// All clients by number.
#[derive(Debug, Default)]
pub struct Roster {
    members: BTreeMap<ClientId, Member>,
}

impl Roster {
    /// A client, if it ever joined.
    pub fn get(&self, client: ClientId) -> Option<&Member> {
        self.members.get(&client)
    }

    /// Everyone, in order.
    pub fn iter(&self) -> impl Iterator<Item = (ClientId, &Member)> {
        self.members.iter().map(|it| (*it.0, it.1))
    }

    /// Clients whose connection is up.
    pub fn present(&self) -> impl Iterator<Item = ClientId> + '_ {
        self.members.iter().filter(|it| it.1.is_connected).map(|it| *it.0)
    }

    /// How many clients' connections are up, the centre's not counted.
    pub fn n_present(&self) -> usize {
        self.present().filter(|it| *it != CENTRE).count()
    }

    /// Whom to ask: people first; practice clients only fill up to `min`.
    pub fn cohort(&self, min: u32, max: u32) -> Vec<ClientId> {
        let here = |practice: bool| {
            let is_it = move |it: &(&ClientId, &Member)| {
                *it.0 != CENTRE && it.1.is_connected && it.1.introduction.practice == practice
            };
            self.members.iter().filter(is_it).map(|it| *it.0)
        };
        let mut cohort: Vec<ClientId> = here(false).take(max as usize).collect();
        let missing = (min as usize).saturating_sub(cohort.len());
        cohort.extend(here(true).take(missing));
        cohort.sort_unstable();
        cohort
    }

    /// The centre, if it is here.
    pub fn centre(&self) -> Option<ClientId> {
        self.get(CENTRE).filter(|it| it.is_connected).map(|_| CENTRE)
    }

    /// Whether nobody waits for this client any more.
    pub fn is_gone(&self, client: ClientId) -> bool {
        self.get(client).is_none_or(|it| it.state == MemberState::Gone)
    }

    /// Whether the client is still without the connection that it lost.
    pub fn is_lost_since(&self, client: ClientId, connection: u32) -> bool {
        self.get(client).is_some_and(|it| !it.is_connected && it.connection == connection)
    }

    pub(super) fn join(&mut self, client: ClientId, introduction: Introduction) {
        let member = self.members.entry(client).or_insert_with(|| Member {
            introduction: introduction.clone(),
            state: MemberState::Joined,
            is_connected: true,
            connection: 0,
            rounds: 0,
            refusals: 0,
            loss: None,
            n_samples: 0,
            train_micros: 0,
        });
        member.introduction = introduction;
        member.is_connected = true;
        member.connection += 1;
        member.state = MemberState::Joined;
    }

    /// The number of the connection that was lost.
    pub(super) fn lose(&mut self, client: ClientId) -> Option<u32> {
        let member = self.members.get_mut(&client)?;
        member.is_connected = false;
        Some(member.connection)
    }

    pub(super) fn give_up_on(&mut self, client: ClientId) {
        self.set(client, MemberState::Gone);
    }

    pub(super) fn set(&mut self, client: ClientId, state: MemberState) {
        if let Some(member) = self.members.get_mut(&client) {
            member.state = state;
        }
    }

    pub(super) fn begin_round(&mut self, cohort: &[ClientId]) {
        for (client, member) in self.members.iter_mut().filter(|it| it.1.is_connected) {
            member.state = if cohort.contains(client) { MemberState::Training } else { MemberState::Joined };
        }
    }

    pub(super) fn end_round(&mut self) {
        for member in self.members.values_mut().filter(|it| it.state == MemberState::Training) {
            member.state = if member.is_connected { MemberState::Late } else { MemberState::Gone };
        }
    }

    /// Notes what a client has contributed; it has the mask that its contribution is about.
    pub(super) fn note_counted(&mut self, client: ClientId, it: &Contribution) {
        if let Some(member) = self.members.get_mut(&client) {
            member.state = MemberState::Voted;
            member.rounds += 1;
            member.loss = Some(it.loss);
            member.n_samples = it.n_samples;
            member.train_micros = it.train_micros;
            member.introduction.mask = it.mask;
        }
    }

    pub(super) fn note_refusal(&mut self, client: ClientId) {
        if let Some(member) = self.members.get_mut(&client) {
            member.refusals += 1;
        }
    }
}
