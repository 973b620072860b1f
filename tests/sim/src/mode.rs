//! What may happen in a schedule, and how often: drawn from its seed, from calm to wild.

use crate::chance::Chance;

/// Frequencies, in thousandths.
#[derive(Debug, Clone, Copy)]
pub struct Mode {
    /// Of all events: the server is killed.
    pub kill_server: u64,
    /// A station is killed.
    pub kill_station: u64,
    /// The database stops for a while.
    pub database: u64,
    /// A card is pulled.
    pub pull: u64,
    /// Of all tickets: a tear is set up for one of the cell operations.
    pub tear: u64,
    /// Of all commands to a reader: the card is pulled, or the reader loses its power, just before.
    pub snatch: u64,
    /// A line breaks.
    pub cut: u64,
    /// Somebody asks for the money back.
    pub void: u64,
    /// The clock jumps.
    pub clock: u64,
    /// The price changes.
    pub price: u64,
    /// A stashed message comes again.
    pub late: u64,
    /// Of all messages: one comes twice or late.
    pub repeat: u64,
    /// Of all transactions: no connection.
    pub no_connection: u64,
    /// Of all transactions: the answer to COMMIT is lost.
    pub unclear: u64,
    /// Of all commands to a reader: silence.
    pub garbled: u64,
    /// Of all answers to a page: lost.
    pub answer_lost: u64,
    /// Of all journal entries: the power goes, or the disk is full.
    pub journal: u64,
    /// Of all cards: some tries are used up.
    pub tries: u64,
}

impl Mode {
    /// The mode of a seed.
    #[must_use]
    pub fn draw(chance: &mut Chance) -> Self {
        let wild = [0, 4, 10, 25][chance.below(4)];
        let mut some = |least: u64, tenths: u64| match chance.below(3) {
            0 => 0,
            1 => least + tenths * wild / 40,
            _ => least + tenths * wild / 10,
        };
        Self {
            kill_server: some(1, 1),
            kill_station: some(1, 2),
            database: some(1, 1),
            pull: some(2, 6),
            tear: some(100, 160),
            snatch: some(2, 6),
            cut: some(2, 4),
            void: some(15, 20),
            clock: some(1, 2),
            price: some(1, 2),
            late: some(10, 40),
            repeat: some(50, 120),
            no_connection: some(2, 20),
            unclear: some(2, 20),
            garbled: some(0, 6),
            answer_lost: some(10, 80),
            journal: some(3, 10),
            tries: some(0, 60),
        }
    }
}
