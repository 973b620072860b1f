use chrono::NaiveDate;
use dianka_domain::units::{Money, RealEnergy};
use diesel::prelude::*;
use diesel::sql_types::{Date, Int8, Text, Uuid as SqlUuid};
use uuid::Uuid;

use crate::analysis::AreaSales;

#[derive(QueryableByName)]
pub(crate) struct AreaSalesRow {
    #[diesel(sql_type = SqlUuid)]
    area_id: Uuid,
    #[diesel(sql_type = Text)]
    area_name: String,
    #[diesel(sql_type = Date)]
    period: NaiveDate,
    #[diesel(sql_type = Int8)]
    sales: i64,
    #[diesel(sql_type = Int8)]
    energy_wh: i64,
    #[diesel(sql_type = Int8)]
    amount_fen: i64,
}

impl From<AreaSalesRow> for AreaSales {
    fn from(row: AreaSalesRow) -> Self {
        Self {
            area_id: row.area_id,
            area_name: row.area_name,
            period: row.period,
            sales: row.sales,
            energy_wh: RealEnergy::from_wh(row.energy_wh),
            amount_fen: Money::from_fen(row.amount_fen),
        }
    }
}
