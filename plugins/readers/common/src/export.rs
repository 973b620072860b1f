//! From a session to the component.

/// Makes the crate the driver: a type `Component` that implements the contract over one [`Session`](crate::Session).
///
/// `reader_driver!(describe, Commands<HostPort>, new)` names the function that gives the description, the type of the
/// commands, and its `const` constructor from a port.
#[macro_export]
macro_rules! reader_driver {
    ($describe:path, $commands:ident) => {
        thread_local! {
            /// One instance serves one port session.
            static SESSION: std::cell::RefCell<$crate::Session<$commands<$crate::sdk::reader::HostPort>>> =
                const { std::cell::RefCell::new($crate::Session::new($commands::new($crate::sdk::reader::HostPort))) };
        }

        /// The driver, as the component exports it.
        pub struct Component;

        impl $crate::sdk::reader::driver::Guest for Component {
            fn describe() -> $crate::sdk::reader::driver::Description {
                $describe()
            }
            fn probe() -> Result<$crate::sdk::reader::driver::ReaderInfo, $crate::sdk::reader::driver::Error> {
                $crate::sdk::reader::log_panics();
                SESSION.with_borrow_mut(|session| session.probe())
            }
            fn poll() -> Result<bool, $crate::sdk::reader::driver::Error> {
                SESSION.with_borrow_mut(|session| session.poll())
            }
            fn power_on() -> Result<$crate::sdk::reader::driver::CardInfo, $crate::sdk::reader::driver::Error> {
                SESSION.with_borrow_mut(|session| session.power_on())
            }
            fn read(offset: u32, len: u32) -> Result<Vec<u8>, $crate::sdk::reader::driver::Error> {
                SESSION.with_borrow_mut(|session| session.read(offset, len))
            }
            fn error_counter() -> Result<u8, $crate::sdk::reader::driver::Error> {
                SESSION.with_borrow_mut(|session| session.error_counter())
            }
            fn present(code: Vec<u8>) -> Result<(), $crate::sdk::reader::driver::Error> {
                SESSION.with_borrow_mut(|session| session.present(&code))
            }
            fn write(offset: u32, bytes: Vec<u8>) -> Result<(), $crate::sdk::reader::driver::Error> {
                SESSION.with_borrow_mut(|session| session.write(offset, &bytes))
            }
            fn change_code(code: Vec<u8>) -> Result<(), $crate::sdk::reader::driver::Error> {
                SESSION.with_borrow_mut(|session| session.change_code(&code))
            }
            fn power_off() -> Result<(), $crate::sdk::reader::driver::Error> {
                SESSION.with_borrow_mut(|session| session.power_off())
            }
        }

        $crate::sdk::export_reader!(Component);
    };
}
