//! Real tabs: the browser itself, and people's whole way through a session in it.

mod adapter;
mod contract;
mod access;
mod lacking;
mod shaders;
mod learn;
mod rounds;
mod devices;
mod alike;
mod methods;
mod centre;
mod lost;
mod memory;
mod loads;
mod network;
mod place;
mod screen;
mod host;
