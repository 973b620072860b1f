//! `store/src/schema.rs` is made from the migrated database. To make it again after a migration:
//! `DIANKA_UPDATE=1 cargo test -p dianka-store schema_file`.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use dianka_store::testing::TestDb;
use diesel::sql_types::Text;
use diesel::{QueryableByName, sql_query};
use diesel_async::{AsyncConnection, AsyncPgConnection, RunQueryDsl};

#[derive(QueryableByName)]
struct ColumnRow {
    #[diesel(sql_type = Text)]
    table_name: String,
    #[diesel(sql_type = Text)]
    column_name: String,
    #[diesel(sql_type = Text)]
    type_name: String,
    #[diesel(sql_type = Text)]
    nullable: String,
    #[diesel(sql_type = Text)]
    key: String,
}

const COLUMNS: &str = "
SELECT c.relname::text AS table_name, a.attname::text AS column_name, t.typname::text AS type_name,
    CASE WHEN a.attnotnull THEN 'no' ELSE 'yes' END AS nullable,
    coalesce(array_position(k.conkey, a.attnum)::text, '') AS key
FROM pg_class c
JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
JOIN pg_type t ON t.oid = a.atttypid
LEFT JOIN pg_constraint k ON k.conrelid = c.oid AND k.contype = 'p'
WHERE c.relnamespace = 'public'::regnamespace AND c.relkind = 'r' AND c.relname <> '__diesel_schema_migrations'
ORDER BY c.relname::text COLLATE \"C\", a.attnum";

fn diesel_type(column: &ColumnRow) -> String {
    let name = match column.type_name.as_str() {
        "uuid" => "Uuid",
        "int4" => "Int4",
        "int8" => "Int8",
        "text" => "Text",
        "bytea" => "Bytea",
        "timestamptz" => "Timestamptz",
        "date" => "Date",
        "jsonb" => "Jsonb",
        "bool" => "Bool",
        // Its elements are never NULL: the table checks that.
        "_text" => "Array<Text>",
        other => panic!("{}.{} has the type {other}", column.table_name, column.column_name),
    };
    if column.nullable == "yes" { format!("Nullable<{name}>") } else { name.to_owned() }
}

fn file_of(columns: &[ColumnRow]) -> String {
    let mut tables: BTreeMap<&str, Vec<&ColumnRow>> = BTreeMap::new();
    for column in columns {
        tables.entry(&column.table_name).or_default().push(column);
    }
    let mut text = "// Made from the migrated database by the test `schema_file_equals_the_database`. \
                    Do not edit: see that test.\n"
        .to_owned();
    for (table, columns) in &tables {
        let mut key: Vec<_> = columns.iter().filter(|c| !c.key.is_empty()).collect();
        key.sort_by_key(|c| c.key.parse::<u32>().unwrap());
        let key: Vec<_> = key.into_iter().map(|c| c.column_name.as_str()).collect();
        writeln!(text, "\ndiesel::table! {{\n    {table} ({}) {{", key.join(", ")).unwrap();
        for column in columns {
            writeln!(text, "        {} -> {},", column.column_name, diesel_type(column)).unwrap();
        }
        text.push_str("    }\n}\n");
    }
    text.push_str("\ndiesel::allow_tables_to_appear_in_same_query!(\n");
    for table in tables.keys() {
        writeln!(text, "    {table},").unwrap();
    }
    text.push_str(");\n");
    text
}

#[tokio::test]
async fn schema_file_equals_the_database() {
    let db = TestDb::new().await.unwrap();
    let mut session = AsyncPgConnection::establish(&db.owner_url()).await.unwrap();
    let columns: Vec<ColumnRow> = sql_query(COLUMNS).load(&mut session).await.unwrap();
    let made = file_of(&columns);
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/src/schema.rs");
    if std::env::var_os("DIANKA_UPDATE").is_some() {
        std::fs::write(path, &made).unwrap();
    }
    let found = std::fs::read_to_string(path).unwrap();
    assert!(found == made, "store/src/schema.rs is stale: DIANKA_UPDATE=1 cargo test -p dianka-store schema_file");
}
