//! Black box: real processes, real Postgres, real components, real ptys, over HTTP.

mod bad_input;
mod crash;
mod driver_life;
mod open_files;
mod plug_in;
mod reader_versions;
mod reconcile;
mod replacement;
mod schedules;
mod station_crash;
mod token_crash;
mod two_sites;
mod void;
