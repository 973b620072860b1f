//! A few writes of every kind of card with both drivers, torn at every byte with every half-written value.

#[test]
fn no_torn_write_loads_a_wrong_quantity() {
    assert!(dianka_sim::torn::table(2));
}
