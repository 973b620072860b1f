//! The display table of a meter, for every version of the contract: what the meter shows, as a customer reads it out on the
//! telephone.

/// One item: id, name in Chinese and English, form on the LCD, form on the LED, LED prefix, meaning in Chinese and English.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Row(pub [&'static str; 8]);

/// All items. The first ones are screens; the rest explain single codes or messages.
#[derive(Clone, Copy, Debug)]
pub struct Table<const ROWS: usize> {
    rows: [[&'static str; 8]; ROWS],
    shown: usize,
}

impl<const ROWS: usize> Table<ROWS> {
    /// A table whose first `shown` rows are screens.
    #[must_use]
    pub const fn new(shown: usize, rows: [[&'static str; 8]; ROWS]) -> Self {
        Self { rows, shown }
    }

    /// Ids of the screens, in order.
    pub fn ids(&self) -> impl Iterator<Item = &'static str> + use<ROWS> {
        let shown = self.shown;
        self.rows.into_iter().take(shown).map(|[id, ..]| id)
    }

    /// All items, as the description of a driver has them: `DisplayItem` of the contract that it is built against.
    #[must_use]
    pub fn items<T: From<Row>>(&self) -> Vec<T> {
        self.rows.into_iter().map(|row| T::from(Row(row))).collect()
    }
}

/// Makes a row an item of one version's types.
#[cfg(any(feature = "meter", feature = "token"))]
macro_rules! display_item {
    ($types:path) => {
        impl From<$crate::displays::Row> for $types {
            fn from(row: $crate::displays::Row) -> Self {
                let [id, zh, en, lcd, led, code, meaning_zh, meaning_en] = row.0;
                Self {
                    id: id.into(),
                    name: types::Text { zh: zh.into(), en: en.into() },
                    lcd: lcd.into(),
                    led: led.into(),
                    code: code.into(),
                    meaning: types::Text { zh: meaning_zh.into(), en: meaning_en.into() },
                }
            }
        }
    };
}
#[cfg(any(feature = "meter", feature = "token"))]
pub(crate) use display_item;
