// Generated from server/openapi.json by `npm run gen`. Do not edit.

export interface paths {
    "/api/v1/accounts": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Find accounts
         * @description `q`: user number, telephone, or the beginning of the factory number; otherwise a part of name, unit or address.
         */
        get: operations["listAccounts"];
        put?: never;
        /**
         * Open an account
         * @description Assigns a meter from stock, a user number and, where the meter takes cards, a card number. The card is written by the
         *     first sale.
         */
        post: operations["openAccount"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/accounts/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** An account */
        get: operations["getAccount"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/accounts/{id}/history": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * What happened to an account
         * @description The newest 200 sales, 200 readings, 200 replacement cards, and all adjustments, the newest first.
         */
        get: operations["getAccountHistory"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/alarms": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Alarms
         * @description The newest 200, the newest first.
         */
        get: operations["listAlarms"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/alarms/{id}/close": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Close an alarm
         * @description With a reason, which stays. Nothing is repaired by it.
         */
        post: operations["closeAlarm"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/analysis/sales": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Sales by area and period */
        get: operations["getSalesByArea"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/analysis/sales/detail": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * The sales behind a figure
         * @description Committed ones, the newest first.
         */
        get: operations["listSalesBehind"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/areas": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Areas
         * @description All of them, parents before children.
         */
        get: operations["listAreas"];
        put?: never;
        /** Add an area */
        post: operations["createArea"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/bench": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** What lies on the bench */
        get: operations["getBench"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/bench/cards": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Make a virtual card */
        post: operations["createBenchCard"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/bench/cards/{id}/move": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Move a virtual card */
        post: operations["moveBenchCard"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/bench/meters": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Hang up the virtual meter of a factory number */
        post: operations["createBenchMeter"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/bench/meters/{id}/pass": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Let time pass at a meter */
        post: operations["passBenchTime"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/bench/meters/{id}/power": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Switch a meter's mains */
        post: operations["switchBenchPower"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/bench/meters/{id}/token": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Type a token on a virtual meter's keypad
         * @description A token that the meter does not take (used, too old, another meter's, mistyped) is its answer, not an error.
         */
        post: operations["enterBenchToken"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/bench/readers/{workstation_id}/fault": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Pull the card in the middle of a write, or the reader's cable */
        post: operations["setBenchFault"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/documents/{sale_id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** The receipt as a page to print */
        get: operations["getDocument"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/documents/{sale_id}/prints": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Count a print: the first is the original, later ones are copies 补打 */
        post: operations["printDocument"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/documents/receipt.css": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** The receipt's style sheet. Public: it says nothing about anybody. */
        get: operations["getReceiptStyle"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/drivers": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Drivers
         * @description All files in the drivers' folders, also those that were refused. A file that is put there appears within a second
         *     or two.
         */
        get: operations["listDrivers"];
        put?: never;
        /**
         * Take a driver in
         * @description The body is the driver's file. It is checked (size, signature, contract, what it says about itself), tried by its own
         *     vectors and the conformance suite in a process of its own, which takes some seconds and at most a minute, and, if it
         *     passes, put into the drivers' folder. Meter types go on with the version that they have until somebody activates another one.
         *     The same file a second time is answered like the first.
         */
        post: operations["uploadDriver"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/drivers/{sha256}/activate": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Let meter types or workstations use this version of their driver
         * @description A meter's: from the next quote on. A sale under way ends with the version that it began with. Going back to an older version must
         *     be said. The version is tried on the cards in the field first: one that does not read them is not taken.
         *
         *     A reader's: as soon as no card is in the reader; a station gets the file first, if it does not have it.
         */
        post: operations["activateDriver"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/drivers/{sha256}/release": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Let a driver out of quarantine
         * @description After somebody has looked at its faults. It is stopped again when they go on.
         */
        post: operations["releaseDriver"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/drivers/{sha256}/report": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * What was found when a driver was tried
         * @description Of any file that was sent in or put into the folder, taken or not, by the SHA-256 of the file. There is none of a driver
         *     that came with the server.
         */
        get: operations["getDriverReport"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/drivers/keys": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Keys of vendors */
        get: operations["listVendorKeys"];
        put?: never;
        /**
         * Trust a vendor's key
         * @description From now on drivers that it signed are taken, under the ids that it may sign. The same name with the same key again gives
         *     it other ids.
         */
        post: operations["addVendorKey"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/drivers/keys/revoke": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Revoke a vendor's key
         * @description What it signed goes out of service at once: no more quotes; cards that were sold can still be read.
         */
        post: operations["revokeVendorKey"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/login": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Log in
         * @description Sets the refresh token as a cookie. After several failures there is a pause that doubles (`auth.locked`).
         */
        post: operations["login"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/logout": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Log out
         * @description Ends the log-in that the cookie belongs to and removes the cookie. Without a cookie there is nothing to do.
         */
        post: operations["logout"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/me": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Who am I */
        get: operations["getMe"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/meter-types": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Meter types
         * @description All of them, by name, retired ones too.
         */
        get: operations["listMeterTypes"];
        put?: never;
        /** Add a meter type */
        post: operations["createMeterType"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/meter-types/{id}/retired": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        /**
         * Retire a meter type, or take it back
         * @description A type in use is never deleted.
         */
        put: operations["retireMeterType"];
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/meters": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Meters
         * @description By factory number.
         */
        get: operations["listMeters"];
        put?: never;
        /** Take a meter into stock 电表入库 */
        post: operations["addMeter"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/quotes": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Quote a sale: nothing is stored */
        post: operations["createQuote"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/reconciliations": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Reports of checks
         * @description In short, the newest first. `q` is not looked at.
         */
        get: operations["listReconciliations"];
        put?: never;
        /**
         * Check the books now
         * @description One snapshot, read only: no sale waits for it. Large books take longer than a request should: then the answer is 202,
         *     and the report can be read under its id when it is there.
         */
        post: operations["createReconciliation"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/reconciliations/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** One report */
        get: operations["getReconciliation"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/refresh": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Renew the access token
         * @description Takes the refresh token from its cookie and gives a new one. A token that was used before ends the log-in, except
         *     within a few seconds of its use: then the answer carries the same successor again.
         */
        post: operations["refresh"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/replacements": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Unfinished replacement cards, the oldest first */
        get: operations["listReplacements"];
        put?: never;
        /**
         * Replace a lost, damaged or locked card 补卡
         * @description The blank card in the counter's reader becomes the account's card, with the purchase that was sold last (or is being
         *     sold): the same number and quantity, so the meter takes it once, whichever card brings it. The old card does not count
         *     any more from now on. The answer is the replacement as it stands when the wait is over: `committed` when the card was
         *     proven, `authorised` while it is not.
         */
        post: operations["createReplacement"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/replacements/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** One replacement card */
        get: operations["getReplacement"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/replacements/{id}/resume": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Write an unfinished replacement on, onto the card that lies in this counter's reader */
        post: operations["resumeReplacement"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/sales": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Unfinished sales */
        get: operations["listSales"];
        put?: never;
        /**
         * Sell
         * @description Authorises the sale and has the card written. The answer is the sale as it stands when the wait is over: `committed`
         *     when the card was proven, `authorised` while it is not. A token is made and the sale `committed` at once; the same id
         *     is always the same token.
         */
        post: operations["createSale"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/sales/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** One sale */
        get: operations["getSale"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/sales/{id}/resume": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Write an unfinished sale on, onto the card that lies in this counter's reader */
        post: operations["resumeSale"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/sales/{id}/void": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Give the money of an unfinished sale back 冲正
         * @description Every station that had the sale promises to write it no more, the card in this counter's reader gets its old content
         *     back, and the sale is voided when that is proven. Without a card in the reader the sale waits for it
         *     (`void.insert_card`); resuming the sale takes the wish back. The answer is the sale as it stands when the wait is over.
         */
        post: operations["voidSale"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/setup": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Make the first administrator
         * @description Once: the token is used up, and the new administrator is logged in.
         */
        post: operations["setup"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/sites": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Sales points
         * @description All that are in use, by code: an organisation has some dozens.
         */
        get: operations["listSites"];
        put?: never;
        /** Add a sales point */
        post: operations["createSite"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/sites/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        /** Rename a sales point */
        put: operations["changeSite"];
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/sites/{id}/retire": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Retire a sales point
         * @description Its workstations are moved or retired before. Its code stays taken.
         */
        post: operations["retireSite"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/stations/link": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Where a station dials in
         * @description The server begins with a challenge; the station answers with a statement under its own key, or with a one-time code.
         */
        get: operations["linkStation"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/system": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * What this server is
         * @description Open to anybody: the page asks it before the log-in.
         */
        get: operations["getSystem"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/tariffs": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Tariffs
         * @description All of them, by code.
         */
        get: operations["listTariffs"];
        put?: never;
        /** Add a tariff */
        post: operations["createTariff"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/tariffs/{id}/versions": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Add a version to a tariff
         * @description It holds from its day until the next one begins. One that has begun in the past changes no sale that was made.
         */
        post: operations["addTariffVersion"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/workstations": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Workstations
         * @description All that are in use, by number; with `retired=true` the others.
         */
        get: operations["listWorkstations"];
        put?: never;
        /**
         * Add a workstation
         * @description Its program enrols with the code of the answer, which is shown only here and may be used for 15 minutes.
         */
        post: operations["createWorkstation"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/workstations/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        /**
         * Rename or move a workstation, or change the settings of its program
         * @description A connected station gets them at once, the others when they connect.
         */
        put: operations["changeWorkstation"];
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/workstations/{id}/code": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * A one-time code for a workstation's program
         * @description It may be used for 15 minutes. Codes before it end at once; the station before it ends when the code is used.
         */
        post: operations["newWorkstationCode"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/workstations/{id}/events": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Live events of a counter: `state`, `card`, `progress`, `sale`, `problem` */
        get: operations["getWorkstationEvents"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/workstations/{id}/read-card": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Read the card in a counter's reader
         * @description Decodes it, compares it with the books, finishes what it left unfinished. Never presents a password.
         */
        post: operations["readCard"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/workstations/{id}/reader": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        /** Choose a workstation's port and driver; remembered */
        put: operations["setReader"];
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/workstations/{id}/retire": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Retire a workstation
         * @description Its program is shut out, its number stays taken. Not while a sale is open there.
         */
        post: operations["retireWorkstation"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/workstations/{id}/revoke": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Shut a workstation's program out
         * @description At once and for good: it needs a new code to come back.
         */
        post: operations["revokeWorkstation"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/workstations/{id}/state": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** How a workstation and its reader stand */
        get: operations["getWorkstationState"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/workstations/{id}/test-port": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Test a port 测试端口 */
        post: operations["testPort"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
}
export type webhooks = Record<string, never>;
export interface components {
    schemas: {
        /** @description An account. */
        Account: {
            /**
             * Format: int32
             * @description Highest purchase number that the meter has provably taken; 0 where it takes tokens, since nothing comes back.
             */
            acked_count: number;
            /** @description Address. */
            address: string;
            /**
             * Format: int64
             * @description Adjustment 找补电量 waiting for the next purchase, real energy.
             */
            adjustment_pending_wh: number;
            /**
             * Format: int64
             * @description Alarm level of its own, meter energy.
             */
            alarm_wh?: number | null;
            /**
             * Format: uuid
             * @description The area that it stands in.
             */
            area_id: string;
            /** @description That area's name. */
            area_name: string;
            /**
             * Format: int64
             * @description Contracted capacity.
             */
            capacity_w: number;
            /**
             * Format: int64
             * @description Number of its current card; none where the meter takes tokens.
             */
            card_no?: number | null;
            /**
             * Format: int32
             * @description CT ratio, primary.
             */
            ct_primary: number;
            /**
             * Format: int32
             * @description CT ratio, secondary.
             */
            ct_secondary: number;
            /**
             * Format: int64
             * @description Hoarding limit of its own, meter energy.
             */
            hoard_wh?: number | null;
            /**
             * Format: uuid
             * @description Id.
             */
            id: string;
            /**
             * Format: int32
             * @description Limit mode 限容方式: 0 none, 1 cut after 30 s over the capacity.
             */
            limit_mode: number;
            /** @description Its meter. */
            meter: components["schemas"]["AccountMeter"];
            /**
             * Format: int32
             * @description Multiplier 倍率 = PT x CT.
             */
            multiplier: number;
            /** @description Customer's name. */
            name: string;
            /**
             * Format: int64
             * @description Overdraft limit of its own, meter energy.
             */
            overdraft_wh?: number | null;
            /** @description Telephone. */
            phone: string;
            /**
             * Format: int64
             * @description Preset 预置电量 given and not yet deducted, meter energy.
             */
            preset_pending_wh: number;
            /**
             * Format: int32
             * @description PT ratio, primary.
             */
            pt_primary: number;
            /**
             * Format: int32
             * @description PT ratio, secondary.
             */
            pt_secondary: number;
            /**
             * Format: int32
             * @description Highest purchase number sold.
             */
            sold_count: number;
            /** @description Whether it may buy. */
            status: components["schemas"]["AccountStatus"];
            /** @description Its tariff. */
            tariff: components["schemas"]["AccountTariff"];
            /** @description Unit 单位. */
            unit: string;
            /** @description User number 用户号, 8 digits. */
            user_no: string;
            /**
             * Format: int64
             * @description Rises with every change that a decision in flight must not survive.
             */
            version: number;
        };
        /** @description The meter of an account. */
        AccountMeter: {
            /** @description `card` or `token`: how purchases reach it. */
            carrier: string;
            /** @description Driver that speaks for it. */
            driver_id: string;
            /** @description Factory number 厂号. */
            factory_no: string;
            /**
             * Format: uuid
             * @description Id.
             */
            id: string;
            /** @description Its type's name. */
            meter_type: string;
            /**
             * Format: uuid
             * @description Its type's id.
             */
            meter_type_id: string;
        };
        /**
         * @description Whether an account may buy.
         * @enum {string}
         */
        AccountStatus: "open" | "suspended" | "closed";
        /** @description The tariff of an account. */
        AccountTariff: {
            /**
             * Format: uuid
             * @description Id.
             */
            id: string;
            /** @description Name. */
            name: string;
            /**
             * Format: int64
             * @description Today's price, 10⁻⁶ yuan per kWh; none: no version has begun.
             */
            price_micro?: number | null;
        };
        /** @description What shall use this version: meter types with a meter's driver, workstations with a reader's. */
        Activation: {
            /** @description All workstations shall use it, those with a version of their own among them. */
            everywhere?: boolean;
            /** @description Meter types whose driver has this id. */
            meter_type_ids?: string[];
            /** @description Going back to an older version is meant. */
            rollback?: boolean;
            /** @description Workstations that shall use this version of the reader's driver, whatever the others use. */
            workstation_ids?: string[];
        };
        /** @description An alarm. */
        Alarm: {
            /**
             * Format: date-time
             * @description When it was closed.
             */
            closed_at?: string | null;
            /** @description By whom. */
            closed_by?: string | null;
            /**
             * Format: uuid
             * @description The report that raised it.
             */
            first_report: string;
            /**
             * Format: int64
             * @description Rows that break it; 0: it could not be checked.
             */
            found: number;
            /**
             * Format: uuid
             * @description Its id.
             */
            id: string;
            /** @description The invariant. */
            invariant: string;
            /**
             * Format: uuid
             * @description The newest report that found it.
             */
            last_report: string;
            /**
             * Format: date-time
             * @description Since when.
             */
            opened_at: string;
            /** @description Why. */
            reason?: string | null;
            /**
             * Format: date-time
             * @description When it was found again, the last time.
             */
            seen_at: string;
        };
        /** @description Why an alarm is closed. */
        AlarmClosing: {
            /** @description What was found out, and what was done about it. Kept for ever. */
            reason: string;
        };
        /** @description The answer. */
        AnalysisAnswer: {
            /**
             * Format: date-time
             * @description Everything committed until then is contained.
             */
            fresh_to: string;
            /** @description By period, then by area. Where nothing was sold there is no row. */
            rows: components["schemas"]["AnalysisRow"][];
        };
        /** @description Sales of an area and everything below it, in one period. */
        AnalysisRow: {
            /**
             * Format: int64
             * @description Money.
             */
            amount_fen: number;
            /**
             * Format: uuid
             * @description The area.
             */
            area_id: string;
            /** @description Its name. */
            area_name: string;
            /**
             * Format: int64
             * @description Real energy.
             */
            energy_wh: number;
            /** @description `2026-11`, or `2026-11-22` by day. */
            period: string;
            /**
             * Format: int64
             * @description Committed sales.
             */
            sales: number;
        };
        /** @description An area. */
        Area: {
            /** @description Area code 区域编码. */
            code: string;
            /**
             * Format: uuid
             * @description Id.
             */
            id: string;
            /** @description Its kind. */
            kind: components["schemas"]["AreaKind"];
            /** @description Name. */
            name: string;
            /**
             * Format: uuid
             * @description The area it lies in.
             */
            parent_id?: string | null;
            /** @description Names from the root down to it, joined by ` / `. */
            path_name: string;
        };
        /**
         * @description What kind of area.
         * @enum {string}
         */
        AreaKind: "organisation" | "line" | "district" | "building";
        /** @description All that lies on the bench. */
        Bench: {
            /** @description Virtual cards. */
            cards: components["schemas"]["BenchCard"][];
            /** @description Virtual meters. */
            meters: components["schemas"]["BenchMeter"][];
        };
        /** @description A virtual card. */
        BenchCard: {
            /** @description `sle4442`, `sle4428` or `at24c02`. */
            chip: string;
            /** @description Its number on the bench. */
            id: string;
            /** @description What is written on it. */
            label: string;
            /** @description Where it is. */
            place: components["schemas"]["BenchPlace"];
            /**
             * Format: int32
             * @description Free tries of its password.
             */
            tries: number;
            /**
             * Format: int64
             * @description Cell operations so far.
             */
            writes: number;
        };
        /** @description A virtual meter. */
        BenchMeter: {
            /** @description The card in it. */
            card_id?: string | null;
            /** @description `card`, or `token`: it has a keypad; none when its driver is not loaded. */
            carrier?: string | null;
            /** @description Whose standard it follows. */
            driver_id: string;
            /** @description Factory number. */
            factory_no: string;
            /** @description Its number on the bench. */
            id: string;
            /** @description The mains are on. */
            power_on: boolean;
            snapshot?: components["schemas"]["MeterSnapshot"] | null;
        };
        /** @description Where a card is, or shall go. */
        BenchPlace: {
            /** @enum {string} */
            kind: "drawer";
        } | {
            /** @enum {string} */
            kind: "reader";
            /**
             * Format: uuid
             * @description Which counter.
             */
            workstation_id: string;
        } | {
            /** @enum {string} */
            kind: "meter";
            /** @description Which meter of the bench. */
            meter_id: string;
        };
        /** @description A text in both languages. */
        BothTexts: {
            /** @description English. */
            en: string;
            /** @description Chinese. */
            zh: string;
        };
        /** @description A row that breaks an invariant. */
        BrokenRow: {
            /** @description Both sides of the comparison. Units by the ends of the names. */
            facts: Record<string, never>;
            /** @description What it is: `sale`, `account`, `meter`, ... */
            kind: string;
            /** @description Its id. */
            subject: string;
        };
        /** @description A card in the reader. */
        CardPresent: {
            /** @description `sle4442`, ... */
            chip: string;
            /**
             * Format: uuid
             * @description Changes at every insertion.
             */
            session: string;
        };
        /** @description A finding about a card. */
        CardProblem: {
            /** @description Whether it forbids a sale. */
            blocking: boolean;
            /** @description A code of the catalogue. */
            code: string;
            /** @description Its figures. */
            params: Record<string, never>;
        };
        /** @description A card and what the books say about it. */
        CardView: {
            account?: components["schemas"]["Account"] | null;
            /** @description `sle4442`, ... */
            chip: string;
            /** @description `blank`, `purchase`, `foreign`, `torn`, `unreadable`, or another card kind. */
            kind: string;
            /** @description The last sales of the account. */
            last_sales: components["schemas"]["Sale"][];
            /** @description Unfinished replacements of this counter that this blank card may be meant for. */
            maybe_replacements: components["schemas"]["Replacement"][];
            maybe_sale?: components["schemas"]["Sale"] | null;
            /** @description All of them, those of this counter first; `maybe_sale` is the first. */
            maybe_sales: components["schemas"]["Sale"][];
            open_replacement?: components["schemas"]["Replacement"] | null;
            open_sale?: components["schemas"]["Sale"] | null;
            /** @description What to know. */
            problems: components["schemas"]["CardProblem"][];
            purchase?: components["schemas"]["PurchaseView"] | null;
            returned?: components["schemas"]["ReturnedView"] | null;
            /**
             * Format: uuid
             * @description The card session; a quote is tied to it.
             */
            session: string;
            /**
             * Format: int32
             * @description Free tries of the password.
             */
            tries?: number | null;
            /** @description The purchase has not been taken by the meter. */
            unused: boolean;
        };
        /** @description One item of a display. */
        DisplayLine: {
            /** @description The item. */
            id: string;
            /** @description As an LCD shows it. */
            lcd: string;
            /** @description As an LED shows it. */
            led: string;
        };
        /** @description An installed driver. */
        Driver: {
            /** @description It came with the server. */
            built_in: boolean;
            conformance?: components["schemas"]["DriverReport"] | null;
            /** @description Everything that the driver says about itself: display table, line settings, evidence. */
            description?: Record<string, never> | null;
            /** @description Of a reader's driver: the version for every workstation without one of its own. */
            everywhere: boolean;
            /** @description Of a meter driver: what distinguishes its standard from others. */
            facts?: Record<string, never> | null;
            /**
             * Format: int64
             * @description Faults since the server started.
             */
            faults: number;
            /** @description Id; the file's name if the file does not tell. */
            id: string;
            kind?: components["schemas"]["DriverKind"] | null;
            /** @description Meter types that this very version sells for. */
            meter_types: components["schemas"]["DriverUse"][];
            /** @description Name; the id if the file does not tell. */
            name: components["schemas"]["BothTexts"];
            /** @description Why it is refused or quarantined, in the language of the request. */
            reason?: string | null;
            /** @description SHA-256 of the file, hexadecimal. */
            sha256: string;
            /** @description The trusted key that signed it, by its name. */
            signed_by?: string | null;
            /** @description Published standards (of a meter driver) or models (of a reader driver). */
            standards: string[];
            /** @description Where it stands. */
            state: components["schemas"]["DriverState"];
            /**
             * @description Meter types that sell with this version and stopped doing so: another file of it was chosen. Choosing this file for
             *     them lets them go on.
             */
            stopped: components["schemas"]["DriverUse"][];
            /** @description Version; empty if the file does not tell. */
            version: string;
            /** @description Of a reader's driver: the workstations with such a reader that use this very version. */
            workstations: components["schemas"]["DriverUse"][];
        };
        /** @description One rule, tried on many cases. */
        DriverCheck: {
            /**
             * Format: int64
             * @description Cases tried.
             */
            cases: number;
            /** @description The first failures. */
            failures: components["schemas"]["DriverCheckFailure"][];
            /** @description `round-trip`, `torn`, ... */
            id: string;
            note?: components["schemas"]["BothTexts"] | null;
            /** @description How it ended. */
            outcome: components["schemas"]["DriverCheckOutcome"];
            /** @description For people. */
            title: components["schemas"]["BothTexts"];
        };
        /** @description One thing that did not hold. */
        DriverCheckFailure: {
            /** @description The input that shows it. */
            input: Record<string, never>;
            /** @description What happened, and what should have. */
            what: components["schemas"]["BothTexts"];
        };
        /**
         * @description How one check ended.
         * @enum {string}
         */
        DriverCheckOutcome: "passed" | "failed" | "skipped";
        /**
         * @description What a driver speaks to.
         * @enum {string}
         */
        DriverKind: "meter" | "reader";
        /** @description What the conformance suite found about a driver when it was taken in. */
        DriverReport: {
            /**
             * Format: int64
             * @description Cases of all checks.
             */
            cases: number;
            /** @description All checks, in their order. */
            checks: components["schemas"]["DriverCheck"][];
            /** @description Whether no check failed. */
            passed: boolean;
            /**
             * Format: int64
             * @description The same seed makes the same cases.
             */
            seed: number;
            /**
             * Format: int64
             * @description Milliseconds that it took.
             */
            took_ms: number;
        };
        /**
         * @description Where a driver stands.
         * @enum {string}
         */
        DriverState: "active" | "refused" | "quarantined";
        /** @description A meter type or a workstation, by id and name. */
        DriverUse: {
            /**
             * Format: uuid
             * @description Id.
             */
            id: string;
            /** @description Name. */
            name: string;
        };
        /** @description A code for a station. */
        EnrolmentCode: {
            /** @description Shown only here. */
            code: string;
            /**
             * Format: date-time
             * @description Until when it may be used.
             */
            expires_at: string;
        };
        /** @description What the meter did with a token. */
        Entered: {
            /** @description The meter now. */
            meter: components["schemas"]["BenchMeter"];
            /** @description What it did, and what it shows. */
            outcome: components["schemas"]["InsertionView"];
        };
        /** @description Something that went wrong at a workstation. */
        ErrorView: {
            /**
             * Format: date-time
             * @description When.
             */
            at: string;
            /** @description Stable code. */
            code: string;
        };
        /** @description What to break. */
        Fault: {
            /**
             * Format: int32
             * @description The card is pulled after so many more cell operations.
             */
            pull_after_cells?: number | null;
            /** @description True: the reader's cable is pulled. False: it is plugged in again. */
            unplug?: boolean | null;
        };
        /** @description A reader that answered. */
        FoundReader: {
            /** @description Firmware. */
            firmware: string;
            /** @description Model. */
            model: string;
        };
        /** @description The history of an account. */
        History: {
            /** @description The newest first. */
            items: components["schemas"]["HistoryItem"][];
        };
        /** @description An entry of the history. */
        HistoryItem: {
            /**
             * Format: date-time
             * @description When.
             */
            at: string;
            /** @description Of a reading: what kind of card the server took it for. */
            card_kind?: string | null;
            /**
             * Format: int64
             * @description Of an adjustment: real energy, positive gives back.
             */
            energy_wh?: number | null;
            /** @description Sale, reading, adjustment or replacement. */
            kind: components["schemas"]["HistoryKind"];
            /** @description Of an adjustment. */
            reason?: string | null;
            replacement?: components["schemas"]["Replacement"] | null;
            returned?: components["schemas"]["Returned"] | null;
            sale?: components["schemas"]["Sale"] | null;
        };
        /**
         * @description What kind of entry.
         * @enum {string}
         */
        HistoryKind: "sale" | "card-read" | "adjustment" | "replacement";
        /** @description What a meter did with a card. */
        InsertionView: {
            /** @description It took a purchase. */
            accepted: boolean;
            /** @description What it did, or why not. */
            code: string;
            /** @description What it shows. */
            display: string;
            /**
             * Format: int64
             * @description Meter energy, Wh.
             */
            loaded_wh: number;
        };
        /** @description A station's journal. */
        JournalView: {
            /**
             * Format: int64
             * @description Length of its file.
             */
            bytes: number;
            /** @description False: the disk refuses it, and no card is written. */
            open: boolean;
            /**
             * Format: int64
             * @description Number of its last entry.
             */
            seq: number;
            /**
             * Format: int32
             * @description Results that the server has not acknowledged.
             */
            unacknowledged: number;
        };
        /**
         * @description Where a workstation's reader hangs.
         * @enum {string}
         */
        Kind: "built-in" | "station";
        /** @description The answer of log-in, refresh and set-up. */
        LoginAnswer: {
            /** @description For `Authorization: Bearer`. Keep it in memory only. */
            access_token: string;
            /**
             * Format: int32
             * @description Seconds until it runs out.
             */
            expires_in_s: number;
            /** @description Who. */
            operator: components["schemas"]["Operator"];
            /** @description For which organisation. */
            organisation: components["schemas"]["Organisation"];
        };
        /** @description Who wants in. */
        LoginRequest: {
            /** @description Log-in name, in any case of letters. */
            login: string;
            /** @description Code of the organisation; may be left out where there is only one. */
            organisation?: string | null;
            /**
             * Format: password
             * @description Password.
             */
            password: string;
        };
        /** @description Who is logged in, for whom. */
        Me: {
            /** @description The operator. */
            operator: components["schemas"]["Operator"];
            /** @description The organisation. */
            organisation: components["schemas"]["Organisation"];
        };
        /** @description A meter. */
        Meter: {
            /**
             * Format: uuid
             * @description The account that it feeds.
             */
            account_id?: string | null;
            /** @description Factory number 厂号: 8 digits; of a keypad meter 11 or 13. */
            factory_no: string;
            /**
             * Format: uuid
             * @description Id.
             */
            id: string;
            /**
             * Format: uuid
             * @description Its type.
             */
            meter_type_id: string;
            /**
             * Format: int64
             * @description Start reading 起度, meter energy.
             */
            start_reading_wh: number;
            /** @description Where it is. */
            status: components["schemas"]["MeterStatus"];
        };
        /** @description A meter's inside and its display. Meter energy, Wh. */
        MeterSnapshot: {
            /** @description The alarm is on. */
            alarm: boolean;
            /**
             * Format: int64
             * @description Negative when overdrawn.
             */
            balance_wh: number;
            /**
             * Format: int32
             * @description Last purchase number taken.
             */
            count: number;
            /** @description Every item of the display. */
            lines: components["schemas"]["DisplayLine"][];
            /**
             * Format: int32
             * @description Load, W.
             */
            power_w: number;
            /** @description The relay lets current through. */
            relay_closed: boolean;
            /**
             * Format: int32
             * @description Status word.
             */
            status: number;
            /**
             * Format: int64
             * @description Total purchased.
             */
            total_purchased_wh: number;
            /**
             * Format: int64
             * @description Total used.
             */
            total_used_wh: number;
        };
        /**
         * @description Where a meter is in its life.
         * @enum {string}
         */
        MeterStatus: "stock" | "assigned" | "removed" | "scrapped";
        /** @description A meter type. */
        MeterType: {
            /**
             * Format: int64
             * @description Alarm level 报警电量, meter energy; none: the driver's own rule.
             */
            alarm_wh?: number | null;
            /** @description `card` or `token`. */
            carrier: string;
            /**
             * Format: int32
             * @description Meter constant, impulses (or revolutions) per kWh.
             */
            constant_imp: number;
            /** @description Driver that speaks for it. */
            driver_id: string;
            /** @description Version of the driver that it was put into service with. */
            driver_version: string;
            /**
             * Format: int64
             * @description Hoarding limit 囤积限量, meter energy; 0 = none.
             */
            hoard_wh: number;
            /**
             * Format: uuid
             * @description Id.
             */
            id: string;
            /**
             * Format: int32
             * @description Maximum current, mA.
             */
            max_ma: number;
            /** @description Maker's model and version. */
            model: string;
            /** @description Name. */
            name: string;
            /**
             * Format: int64
             * @description Overdraft limit 赊欠限量, meter energy; 0 = none.
             */
            overdraft_wh: number;
            /**
             * Format: int32
             * @description 1 or 3.
             */
            phases: number;
            /**
             * Format: int64
             * @description Preset quantity 预置电量, meter energy.
             */
            preset_wh: number;
            /**
             * Format: int32
             * @description Rated current, mA.
             */
            rated_ma: number;
            /** @description No longer offered for new meters. */
            retired: boolean;
            /** @description What the driver of a token standard is told of its meters. */
            token_params: Record<string, never>;
            /**
             * Format: int32
             * @description Voltage, V.
             */
            voltage_v: number;
        };
        /**
         * @description Whether the system sells for a real organisation.
         * @enum {string}
         */
        Mode: "learning" | "registered";
        /** @description Where to. */
        Move: {
            /** @description The new place. */
            to: components["schemas"]["BenchPlace"];
        };
        /** @description What a move did. */
        Moved: {
            /** @description The card now. */
            card: components["schemas"]["BenchCard"];
            meter?: components["schemas"]["BenchMeter"] | null;
            outcome?: components["schemas"]["InsertionView"] | null;
        };
        /** @description An account to be opened. */
        NewAccount: {
            /** @description Address. */
            address?: string | null;
            /**
             * Format: int64
             * @description Alarm level of its own, meter energy.
             */
            alarm_wh?: number | null;
            /**
             * Format: uuid
             * @description The area that it stands in.
             */
            area_id: string;
            /**
             * Format: int64
             * @description Contracted capacity.
             */
            capacity_w: number;
            /**
             * Format: int32
             * @description CT ratio as on the plate; 1 without transformer.
             */
            ct_primary: number;
            /**
             * Format: int32
             * @description See `ct_primary`.
             */
            ct_secondary: number;
            /**
             * Format: int64
             * @description Hoarding limit of its own instead of the meter type's, meter energy.
             */
            hoard_wh?: number | null;
            /**
             * Format: uuid
             * @description Made by the client; left out: by the server.
             */
            id?: string | null;
            /**
             * Format: int32
             * @description Limit mode 限容方式: 0 none, 1 cut after 30 s over the capacity.
             */
            limit_mode: number;
            /**
             * Format: uuid
             * @description A meter in stock.
             */
            meter_id: string;
            /** @description Customer's name. */
            name: string;
            /**
             * Format: int64
             * @description Overdraft limit of its own, meter energy.
             */
            overdraft_wh?: number | null;
            /** @description Telephone. */
            phone?: string | null;
            /**
             * Format: int64
             * @description Preset 预置电量 that the meter was given before, meter energy as its display shows it.
             */
            preset_given_wh?: number | null;
            /**
             * Format: int32
             * @description PT ratio as on the plate; 1 without transformer.
             */
            pt_primary: number;
            /**
             * Format: int32
             * @description See `pt_primary`.
             */
            pt_secondary: number;
            /**
             * Format: uuid
             * @description Its tariff.
             */
            tariff_id: string;
            /** @description Unit 单位. */
            unit?: string | null;
            /** @description User number, 8 digits; left out: the next free one. */
            user_no?: string | null;
        };
        /** @description An area to be added. */
        NewArea: {
            /** @description Area code 区域编码, unique. */
            code: string;
            /**
             * Format: uuid
             * @description Made by the client; left out: by the server.
             */
            id?: string | null;
            /** @description Its kind. */
            kind: components["schemas"]["AreaKind"];
            /** @description Name. */
            name: string;
            /**
             * Format: uuid
             * @description The area it lies in; left out: at the root.
             */
            parent_id?: string | null;
        };
        /** @description A card to be made. */
        NewBenchCard: {
            /** @description `sle4442`, `sle4428` or `at24c02`. Left out: `sle4442`. Foreign cards are of that chip. */
            chip?: string | null;
            /** @description `blank`, or `foreign`: a purchase card of another system, to see it refused. Left out: blank. */
            content?: string | null;
            /** @description What to write on it with a pen. */
            label?: string | null;
        };
        /** @description A meter to be hung up. */
        NewBenchMeter: {
            /** @description Factory number of a meter in the books. */
            factory_no: string;
        };
        /** @description A meter to be taken into stock. */
        NewMeter: {
            /** @description Factory number 厂号, unique: 8 digits; of a keypad meter 11 or 13, the last of which is a check digit. */
            factory_no: string;
            /**
             * Format: uuid
             * @description Made by the client; left out: by the server.
             */
            id?: string | null;
            /**
             * Format: uuid
             * @description Its type.
             */
            meter_type_id: string;
            /**
             * Format: int64
             * @description Start reading 起度 as the meter shows it, meter energy; 0 for a meter with LCD only.
             */
            start_reading_wh?: number;
        };
        /** @description A meter type to be added. */
        NewMeterType: {
            /**
             * Format: int64
             * @description Alarm level 报警电量, meter energy; left out: the driver's own rule.
             */
            alarm_wh?: number | null;
            /**
             * Format: int32
             * @description Meter constant, impulses (or revolutions) per kWh.
             */
            constant_imp: number;
            /** @description An active meter driver (`GET /drivers`). */
            driver_id: string;
            /**
             * Format: int64
             * @description Hoarding limit 囤积限量, meter energy; 0 = none.
             */
            hoard_wh?: number;
            /**
             * Format: uuid
             * @description Made by the client; left out: by the server.
             */
            id?: string | null;
            /**
             * Format: int32
             * @description Maximum current, mA; at least the rated one.
             */
            max_ma: number;
            /** @description Maker's model and version. */
            model?: string;
            /** @description Name, unique. */
            name: string;
            /**
             * Format: int64
             * @description Overdraft limit 赊欠限量, meter energy; 0 = none.
             */
            overdraft_wh?: number;
            /**
             * Format: int32
             * @description 1 or 3.
             */
            phases: number;
            /**
             * Format: int64
             * @description Preset quantity 预置电量, meter energy.
             */
            preset_wh?: number;
            /**
             * Format: int32
             * @description Rated current, mA.
             */
            rated_ma: number;
            /**
             * @description What the driver of a token standard has to be told, by the `params` of its description: `{"supply-group": "600727",
             *     "key-revision": 1, "base-date": 2014}`. Left out for cards.
             */
            token_params?: Record<string, never>;
            /**
             * Format: int32
             * @description Voltage, V.
             */
            voltage_v: number;
        };
        /** @description What to sell. */
        NewQuote: {
            /**
             * Format: uuid
             * @description Whose account.
             */
            account_id: string;
            /**
             * Format: int64
             * @description By money, fen.
             */
            amount_fen?: number | null;
            /**
             * Format: int64
             * @description By energy, real Wh. Either this or `amount_fen`.
             */
            energy_wh?: number | null;
            /**
             * Format: uuid
             * @description The card session that the clerk saw; left out: the card that is in now. Not looked at where the meter takes tokens.
             */
            session?: string | null;
            /**
             * Format: uuid
             * @description The counter; its reader holds the card, where the meter takes cards.
             */
            workstation_id: string;
        };
        /** @description A card to be replaced. */
        NewReplacement: {
            /**
             * Format: uuid
             * @description Whose card.
             */
            account_id: string;
            /**
             * Format: uuid
             * @description Made by the client before it sends this: the same id is the same replacement, however often it is sent.
             */
            id: string;
            /** @description `lost`, `damaged` or `locked`. */
            reason: string;
            /**
             * Format: uuid
             * @description The card session that the clerk saw; left out: the card that is in now.
             */
            session?: string | null;
            /**
             * Format: uuid
             * @description The counter; the new, blank card lies in its reader.
             */
            workstation_id: string;
        };
        /** @description A sale to be made. */
        NewSale: {
            /**
             * Format: int64
             * @description Handed over in cash; left out: the exact amount.
             */
            cash_fen?: number | null;
            /**
             * Format: uuid
             * @description Made by the client before it sends this: the same id is the same sale, however often it is sent.
             */
            id: string;
            /** @description `cash`, `wechat`, `alipay` or `bank`. */
            payment: string;
            /** @description The quote, as it was given. */
            quote: string;
        };
        /** @description A sales point to be added. */
        NewSite: {
            /** @description Short code, unique. */
            code: string;
            /**
             * Format: uuid
             * @description Made by the client; left out: by the server.
             */
            id?: string | null;
            /** @description Name. */
            name: string;
        };
        /** @description A tariff to be added. */
        NewTariff: {
            /** @description Short code, unique. */
            code: string;
            /**
             * Format: uuid
             * @description Made by the client; left out: by the server.
             */
            id?: string | null;
            /** @description Name. */
            name: string;
            /**
             * Format: int64
             * @description Price of its first version, 10⁻⁶ yuan per kWh: 0.5683 yuan is 568 300.
             */
            price_micro: number;
            /**
             * Format: date
             * @description First day on which it holds; left out: today.
             */
            valid_from?: string | null;
        };
        /** @description A version to be added. It is never changed afterwards. */
        NewTariffVersion: {
            /**
             * Format: uuid
             * @description Made by the client; left out: by the server.
             */
            id?: string | null;
            /**
             * Format: int64
             * @description Price, 10⁻⁶ yuan per kWh: 0.5683 yuan is 568 300.
             */
            price_micro: number;
            /**
             * Format: date
             * @description First day on which it holds; left out: today.
             */
            valid_from?: string | null;
        };
        /** @description A vendor's key. */
        NewVendorKey: {
            /** @description What it may sign: ids of drivers, or prefixes that end in `*`. */
            ids: string[];
            /** @description Whose key it is, unique. */
            name: string;
            /** @description The public key as minisign and `dianka-kit keygen` write it (one line). */
            public: string;
        };
        /** @description A workstation to be added. */
        NewWorkstation: {
            /**
             * Format: uuid
             * @description Made by the client; left out: by the server.
             */
            id?: string | null;
            /** @description Name. */
            name: string;
            /**
             * Format: int32
             * @description Number; left out: the next free one.
             */
            number?: number | null;
            /**
             * Format: uuid
             * @description The sales point it stands in.
             */
            site_id: string;
        };
        /** @description An operator, as the page knows one. */
        Operator: {
            /**
             * Format: uuid
             * @description Id.
             */
            id: string;
            /** @description Log-in name. */
            login: string;
            /** @description Name of the person. */
            name: string;
            /** @description What the operator may do. */
            rights: components["schemas"]["RightName"][];
        };
        /** @description An organisation, as the page knows one. */
        Organisation: {
            /** @description What is typed at log-in. */
            code: string;
            /**
             * Format: uuid
             * @description Id.
             */
            id: string;
            /** @description Learning or registered. */
            mode: components["schemas"]["Mode"];
            /** @description Name 单位名. */
            name: string;
            /**
             * Format: int32
             * @description System code 系统编码, on every card.
             */
            system_code: number;
        };
        /** @description A page of a list. */
        Page_Account: {
            /** @description The entries. */
            items: {
                /**
                 * Format: int32
                 * @description Highest purchase number that the meter has provably taken; 0 where it takes tokens, since nothing comes back.
                 */
                acked_count: number;
                /** @description Address. */
                address: string;
                /**
                 * Format: int64
                 * @description Adjustment 找补电量 waiting for the next purchase, real energy.
                 */
                adjustment_pending_wh: number;
                /**
                 * Format: int64
                 * @description Alarm level of its own, meter energy.
                 */
                alarm_wh?: number | null;
                /**
                 * Format: uuid
                 * @description The area that it stands in.
                 */
                area_id: string;
                /** @description That area's name. */
                area_name: string;
                /**
                 * Format: int64
                 * @description Contracted capacity.
                 */
                capacity_w: number;
                /**
                 * Format: int64
                 * @description Number of its current card; none where the meter takes tokens.
                 */
                card_no?: number | null;
                /**
                 * Format: int32
                 * @description CT ratio, primary.
                 */
                ct_primary: number;
                /**
                 * Format: int32
                 * @description CT ratio, secondary.
                 */
                ct_secondary: number;
                /**
                 * Format: int64
                 * @description Hoarding limit of its own, meter energy.
                 */
                hoard_wh?: number | null;
                /**
                 * Format: uuid
                 * @description Id.
                 */
                id: string;
                /**
                 * Format: int32
                 * @description Limit mode 限容方式: 0 none, 1 cut after 30 s over the capacity.
                 */
                limit_mode: number;
                /** @description Its meter. */
                meter: components["schemas"]["AccountMeter"];
                /**
                 * Format: int32
                 * @description Multiplier 倍率 = PT x CT.
                 */
                multiplier: number;
                /** @description Customer's name. */
                name: string;
                /**
                 * Format: int64
                 * @description Overdraft limit of its own, meter energy.
                 */
                overdraft_wh?: number | null;
                /** @description Telephone. */
                phone: string;
                /**
                 * Format: int64
                 * @description Preset 预置电量 given and not yet deducted, meter energy.
                 */
                preset_pending_wh: number;
                /**
                 * Format: int32
                 * @description PT ratio, primary.
                 */
                pt_primary: number;
                /**
                 * Format: int32
                 * @description PT ratio, secondary.
                 */
                pt_secondary: number;
                /**
                 * Format: int32
                 * @description Highest purchase number sold.
                 */
                sold_count: number;
                /** @description Whether it may buy. */
                status: components["schemas"]["AccountStatus"];
                /** @description Its tariff. */
                tariff: components["schemas"]["AccountTariff"];
                /** @description Unit 单位. */
                unit: string;
                /** @description User number 用户号, 8 digits. */
                user_no: string;
                /**
                 * Format: int64
                 * @description Rises with every change that a decision in flight must not survive.
                 */
                version: number;
            }[];
            /**
             * Format: int32
             * @description This page, from 1.
             */
            page: number;
            /**
             * Format: int32
             * @description Entries on a full page.
             */
            per_page: number;
            /**
             * Format: int64
             * @description Entries in the whole list.
             */
            total: number;
        };
        /** @description A page of a list. */
        Page_Alarm: {
            /** @description The entries. */
            items: {
                /**
                 * Format: date-time
                 * @description When it was closed.
                 */
                closed_at?: string | null;
                /** @description By whom. */
                closed_by?: string | null;
                /**
                 * Format: uuid
                 * @description The report that raised it.
                 */
                first_report: string;
                /**
                 * Format: int64
                 * @description Rows that break it; 0: it could not be checked.
                 */
                found: number;
                /**
                 * Format: uuid
                 * @description Its id.
                 */
                id: string;
                /** @description The invariant. */
                invariant: string;
                /**
                 * Format: uuid
                 * @description The newest report that found it.
                 */
                last_report: string;
                /**
                 * Format: date-time
                 * @description Since when.
                 */
                opened_at: string;
                /** @description Why. */
                reason?: string | null;
                /**
                 * Format: date-time
                 * @description When it was found again, the last time.
                 */
                seen_at: string;
            }[];
            /**
             * Format: int32
             * @description This page, from 1.
             */
            page: number;
            /**
             * Format: int32
             * @description Entries on a full page.
             */
            per_page: number;
            /**
             * Format: int64
             * @description Entries in the whole list.
             */
            total: number;
        };
        /** @description A page of a list. */
        Page_Area: {
            /** @description The entries. */
            items: {
                /** @description Area code 区域编码. */
                code: string;
                /**
                 * Format: uuid
                 * @description Id.
                 */
                id: string;
                /** @description Its kind. */
                kind: components["schemas"]["AreaKind"];
                /** @description Name. */
                name: string;
                /**
                 * Format: uuid
                 * @description The area it lies in.
                 */
                parent_id?: string | null;
                /** @description Names from the root down to it, joined by ` / `. */
                path_name: string;
            }[];
            /**
             * Format: int32
             * @description This page, from 1.
             */
            page: number;
            /**
             * Format: int32
             * @description Entries on a full page.
             */
            per_page: number;
            /**
             * Format: int64
             * @description Entries in the whole list.
             */
            total: number;
        };
        /** @description A page of a list. */
        Page_Meter: {
            /** @description The entries. */
            items: {
                /**
                 * Format: uuid
                 * @description The account that it feeds.
                 */
                account_id?: string | null;
                /** @description Factory number 厂号: 8 digits; of a keypad meter 11 or 13. */
                factory_no: string;
                /**
                 * Format: uuid
                 * @description Id.
                 */
                id: string;
                /**
                 * Format: uuid
                 * @description Its type.
                 */
                meter_type_id: string;
                /**
                 * Format: int64
                 * @description Start reading 起度, meter energy.
                 */
                start_reading_wh: number;
                /** @description Where it is. */
                status: components["schemas"]["MeterStatus"];
            }[];
            /**
             * Format: int32
             * @description This page, from 1.
             */
            page: number;
            /**
             * Format: int32
             * @description Entries on a full page.
             */
            per_page: number;
            /**
             * Format: int64
             * @description Entries in the whole list.
             */
            total: number;
        };
        /** @description A page of a list. */
        Page_MeterType: {
            /** @description The entries. */
            items: {
                /**
                 * Format: int64
                 * @description Alarm level 报警电量, meter energy; none: the driver's own rule.
                 */
                alarm_wh?: number | null;
                /** @description `card` or `token`. */
                carrier: string;
                /**
                 * Format: int32
                 * @description Meter constant, impulses (or revolutions) per kWh.
                 */
                constant_imp: number;
                /** @description Driver that speaks for it. */
                driver_id: string;
                /** @description Version of the driver that it was put into service with. */
                driver_version: string;
                /**
                 * Format: int64
                 * @description Hoarding limit 囤积限量, meter energy; 0 = none.
                 */
                hoard_wh: number;
                /**
                 * Format: uuid
                 * @description Id.
                 */
                id: string;
                /**
                 * Format: int32
                 * @description Maximum current, mA.
                 */
                max_ma: number;
                /** @description Maker's model and version. */
                model: string;
                /** @description Name. */
                name: string;
                /**
                 * Format: int64
                 * @description Overdraft limit 赊欠限量, meter energy; 0 = none.
                 */
                overdraft_wh: number;
                /**
                 * Format: int32
                 * @description 1 or 3.
                 */
                phases: number;
                /**
                 * Format: int64
                 * @description Preset quantity 预置电量, meter energy.
                 */
                preset_wh: number;
                /**
                 * Format: int32
                 * @description Rated current, mA.
                 */
                rated_ma: number;
                /** @description No longer offered for new meters. */
                retired: boolean;
                /** @description What the driver of a token standard is told of its meters. */
                token_params: Record<string, never>;
                /**
                 * Format: int32
                 * @description Voltage, V.
                 */
                voltage_v: number;
            }[];
            /**
             * Format: int32
             * @description This page, from 1.
             */
            page: number;
            /**
             * Format: int32
             * @description Entries on a full page.
             */
            per_page: number;
            /**
             * Format: int64
             * @description Entries in the whole list.
             */
            total: number;
        };
        /** @description A page of a list. */
        Page_ReconciliationHead: {
            /** @description The entries. */
            items: {
                /**
                 * Format: int32
                 * @description Broken ones.
                 */
                broken: number;
                /** @description `nightly`, `asked` or `command`. */
                cause: string;
                /** @description Everything was checked and holds. */
                holds: boolean;
                /**
                 * Format: uuid
                 * @description Its id.
                 */
                id: string;
                /**
                 * Format: int32
                 * @description Invariants.
                 */
                invariants: number;
                /**
                 * Format: date
                 * @description The night that it is for.
                 */
                night?: string | null;
                /** @description Who asked for it. */
                operator?: string | null;
                /**
                 * Format: date-time
                 * @description Everything committed before is in it.
                 */
                snapshot_at: string;
                /**
                 * Format: int64
                 * @description How long it took, ms.
                 */
                took_ms: number;
                /**
                 * Format: int32
                 * @description Those that could not be checked.
                 */
                unknown: number;
            }[];
            /**
             * Format: int32
             * @description This page, from 1.
             */
            page: number;
            /**
             * Format: int32
             * @description Entries on a full page.
             */
            per_page: number;
            /**
             * Format: int64
             * @description Entries in the whole list.
             */
            total: number;
        };
        /** @description A page of a list. */
        Page_Replacement: {
            /** @description The entries. */
            items: {
                /**
                 * Format: uuid
                 * @description Whose card.
                 */
                account_id: string;
                /**
                 * Format: date-time
                 * @description When it was begun.
                 */
                authorised_at: string;
                /**
                 * Format: int64
                 * @description The new one.
                 */
                card_no: number;
                /**
                 * Format: date-time
                 * @description When its card was proven.
                 */
                committed_at?: string | null;
                /**
                 * Format: int32
                 * @description Purchase number 购电次数, that of the sale.
                 */
                count: number;
                /**
                 * Format: uuid
                 * @description The client's id.
                 */
                id: string;
                /** @description Factory number of the meter. */
                meter_no: string;
                /** @description Name 户名. */
                name: string;
                /**
                 * Format: int64
                 * @description The card that does not count any more.
                 */
                old_card_no: number;
                problem?: components["schemas"]["SaleProblem"] | null;
                /**
                 * Format: int64
                 * @description On the card 写卡电量, that of the sale.
                 */
                quantity_wh: number;
                /** @description `lost`, `damaged` or `locked`. */
                reason: string;
                /**
                 * Format: uuid
                 * @description The sale whose purchase it repeats. If that one was unfinished, it ends with this card.
                 */
                sale_id: string;
                /** @description `authorised`: the old card is blocked and the new one not proven yet; `committed`. */
                state: string;
                /** @description `waiting-card`, or the station's step, while it is open. */
                step?: string | null;
                /** @description User number 用户编号. */
                user_no: string;
                /**
                 * Format: uuid
                 * @description Where it was begun.
                 */
                workstation_id: string;
            }[];
            /**
             * Format: int32
             * @description This page, from 1.
             */
            page: number;
            /**
             * Format: int32
             * @description Entries on a full page.
             */
            per_page: number;
            /**
             * Format: int64
             * @description Entries in the whole list.
             */
            total: number;
        };
        /** @description A page of a list. */
        Page_Sale: {
            /** @description The entries. */
            items: {
                /**
                 * Format: uuid
                 * @description Whose.
                 */
                account_id: string;
                /**
                 * Format: int64
                 * @description Adjustment used 找补.
                 */
                adjustment_wh: number;
                /**
                 * Format: int64
                 * @description 金额.
                 */
                amount_fen: number;
                /**
                 * Format: date-time
                 * @description When the money was taken.
                 */
                authorised_at: string;
                /**
                 * Format: int64
                 * @description Card number, where the meter takes cards.
                 */
                card_no?: number | null;
                /** @description `card` or `token`. */
                carrier: string;
                /**
                 * Format: int64
                 * @description Carried to the next purchase.
                 */
                carry_wh: number;
                /**
                 * Format: int64
                 * @description Handed over.
                 */
                cash_fen?: number | null;
                /**
                 * Format: int64
                 * @description Change.
                 */
                change_fen?: number | null;
                /**
                 * Format: date-time
                 * @description When the card was proven, or the token made.
                 */
                committed_at?: string | null;
                /**
                 * Format: int32
                 * @description Purchase number 购电次数.
                 */
                count: number;
                /** @description Driver. */
                driver_id: string;
                /** @description Its version. */
                driver_version: string;
                /**
                 * Format: int64
                 * @description Sold and billed 购电量.
                 */
                energy_wh: number;
                /**
                 * Format: uuid
                 * @description The client's id.
                 */
                id: string;
                /** @description `opening` or `purchase`. */
                kind: string;
                /** @description Factory number. */
                meter_no: string;
                /**
                 * Format: int32
                 * @description Multiplier 倍率.
                 */
                multiplier: number;
                /** @description Name 户名. */
                name: string;
                /** @description Who sold it. */
                operator_name: string;
                /** @description `cash`, `wechat`, `alipay`, `bank`. */
                payment: string;
                /**
                 * Format: int64
                 * @description Preset deducted by the system 预置.
                 */
                preset_deducted_wh: number;
                /**
                 * Format: int64
                 * @description Price.
                 */
                price_micro: number;
                problem?: components["schemas"]["SaleProblem"] | null;
                /**
                 * Format: int64
                 * @description On the card or token 写卡电量.
                 */
                quantity_wh: number;
                /**
                 * Format: int64
                 * @description Receipt number, once committed.
                 */
                receipt_no?: number | null;
                /**
                 * Format: uuid
                 * @description The workstation whose row the number is of: where the sale ended, which need not be where it was paid.
                 */
                receipt_workstation_id?: string | null;
                /** @description Site. */
                site_name: string;
                /** @description `authorised`, `committed` or `voided`. */
                state: string;
                /** @description `waiting-card`, or the station's step, while it is open. */
                step?: string | null;
                token?: components["schemas"]["SaleToken"] | null;
                /** @description User number 用户编号. */
                user_no: string;
                /**
                 * Format: uuid
                 * @description Counter.
                 */
                workstation_id: string;
            }[];
            /**
             * Format: int32
             * @description This page, from 1.
             */
            page: number;
            /**
             * Format: int32
             * @description Entries on a full page.
             */
            per_page: number;
            /**
             * Format: int64
             * @description Entries in the whole list.
             */
            total: number;
        };
        /** @description A page of a list. */
        Page_Site: {
            /** @description The entries. */
            items: {
                /** @description Short code. */
                code: string;
                /**
                 * Format: uuid
                 * @description Id.
                 */
                id: string;
                /** @description Name. */
                name: string;
            }[];
            /**
             * Format: int32
             * @description This page, from 1.
             */
            page: number;
            /**
             * Format: int32
             * @description Entries on a full page.
             */
            per_page: number;
            /**
             * Format: int64
             * @description Entries in the whole list.
             */
            total: number;
        };
        /** @description A page of a list. */
        Page_Tariff: {
            /** @description The entries. */
            items: {
                /** @description Short code. */
                code: string;
                /**
                 * Format: uuid
                 * @description Id.
                 */
                id: string;
                /** @description Name. */
                name: string;
                /** @description Versions, the earliest first. A sale keeps the one that it was made at. */
                versions: components["schemas"]["TariffVersion"][];
            }[];
            /**
             * Format: int32
             * @description This page, from 1.
             */
            page: number;
            /**
             * Format: int32
             * @description Entries on a full page.
             */
            per_page: number;
            /**
             * Format: int64
             * @description Entries in the whole list.
             */
            total: number;
        };
        /** @description A page of a list. */
        Page_Workstation: {
            /** @description The entries. */
            items: {
                /** @description Whether its program is connected now. */
                connected: boolean;
                /**
                 * Format: date-time
                 * @description When its program was enrolled; null: no program may come in.
                 */
                enrolled_at?: string | null;
                enrolment?: components["schemas"]["EnrolmentCode"] | null;
                /**
                 * Format: uuid
                 * @description Id.
                 */
                id: string;
                journal?: components["schemas"]["JournalView"] | null;
                /** @description Built in or a station. */
                kind: components["schemas"]["Kind"];
                /** @description Language of its program, `zh-CN` or `en`; null: the computer's own. */
                language?: string | null;
                last_error?: components["schemas"]["ErrorView"] | null;
                /** @description How much its program logs, `error`, `warn`, `info` or `debug`; null: the program's own. */
                log_level?: string | null;
                /** @description Name. */
                name: string;
                /**
                 * Format: int32
                 * @description Number; 0 is the server's own.
                 */
                number: number;
                /** @description Its reader as it stands now. */
                reader: components["schemas"]["ReaderView"];
                /** @description It is no longer used. */
                retired: boolean;
                /**
                 * Format: date-time
                 * @description Since when its program is connected, or is not; null: it has not been since the server started.
                 */
                since?: string | null;
                /**
                 * Format: uuid
                 * @description The sales point it stands in.
                 */
                site_id: string;
                /** @description Something is in its reader: `card`, `unreadable`, or `none`. */
                slot: string;
                /** @description Version of its program. */
                version?: string | null;
            }[];
            /**
             * Format: int32
             * @description This page, from 1.
             */
            page: number;
            /**
             * Format: int32
             * @description Entries on a full page.
             */
            per_page: number;
            /**
             * Format: int64
             * @description Entries in the whole list.
             */
            total: number;
        };
        /** @description Time and load. */
        Pass: {
            /**
             * Format: int64
             * @description Seconds, at most a year.
             */
            seconds: number;
            /**
             * Format: int32
             * @description Load, W.
             */
            watts: number;
        };
        /** @description What to test; what is left out is as configured. */
        PortTest: {
            /**
             * Format: int32
             * @description Bits per second.
             */
            baud?: number | null;
            /** @description A reader driver's id. */
            driver_id?: string | null;
            /** @description `/dev/ttyUSB0`, `COM3`. */
            port?: string | null;
        };
        /** @description What was found. */
        PortTestAnswer: {
            /** @description `found`, `wrong-driver`, `port-busy`, `no-answer`, `no-permission` or `absent`. */
            answer: string;
            /** @description What the system or the driver said, untranslated: for support. */
            detail: string;
            /** @description With `wrong-driver`: the driver whose protocol the reader does speak, where one of those in service does. */
            driver_id?: string | null;
            problem?: components["schemas"]["Problem"] | null;
            reader?: components["schemas"]["FoundReader"] | null;
        };
        /** @description The mains. */
        Power: {
            /** @description On or off. */
            on: boolean;
        };
        /** @description The wire form of [`Problem`]. */
        Problem: {
            /** @description What the client may offer to do next. */
            actions: string[];
            /** @description The code: what a program decides on. */
            code: string;
            /** @description More about this one case, or what to do next, in the language of the request. */
            detail?: string | null;
            /** @description The figures behind it; the unit stands in the name (`_wh`, `_fen`, `_micro`, `_s`). */
            params: Record<string, never>;
            /** @description Names this request in the server's log. */
            request_id: string;
            /** @description Whether the same request may succeed later. */
            retryable: boolean;
            /**
             * Format: int32
             * @description The HTTP status again.
             */
            status: number;
            /** @description One sentence in the language of the request. */
            title: string;
            /** @description Name of the kind of problem, `urn:dianka:problem:<code>`. */
            type: string;
        };
        /** @description The purchase on a card. Meter energy, Wh. */
        PurchaseView: {
            /**
             * Format: int64
             * @description Alarm level.
             */
            alarm_wh: number;
            /**
             * Format: int32
             * @description Purchase number.
             */
            count: number;
            /**
             * Format: int64
             * @description Hoarding limit.
             */
            hoard_wh: number;
            /** @description Factory number that it is for. */
            meter_no: string;
            /**
             * Format: int64
             * @description Overdraft limit.
             */
            overdraft_wh: number;
            /**
             * Format: int64
             * @description Quantity.
             */
            quantity_wh: number;
        };
        /** @description A quote. Energies in Wh: real, but for `quantity_wh`, `alarm_wh`, `hoard_wh` and `preset_deducted_wh` (meter). */
        Quote: {
            /**
             * Format: uuid
             * @description Whose.
             */
            account_id: string;
            /**
             * Format: int64
             * @description Adjustment used 找补.
             */
            adjustment_wh: number;
            /**
             * Format: int64
             * @description Alarm level; 0 for a token, which carries none.
             */
            alarm_wh: number;
            /**
             * Format: int64
             * @description To pay.
             */
            amount_fen: number;
            /** @description `card` or `token`. */
            carrier: string;
            /**
             * Format: int64
             * @description Carried to the next purchase.
             */
            carry_wh: number;
            /**
             * Format: int64
             * @description Left over of the money asked for.
             */
            change_fen: number;
            /**
             * Format: int32
             * @description Purchase number.
             */
            count: number;
            /**
             * Format: int64
             * @description Billed.
             */
            energy_wh: number;
            /** @description RFC 3339. */
            expires_at: string;
            /**
             * Format: int64
             * @description Hoarding limit on the card; 0 = none.
             */
            hoard_wh: number;
            /** @description `opening` or `purchase`. */
            kind: string;
            /**
             * Format: int32
             * @description 倍率.
             */
            multiplier: number;
            /**
             * Format: int64
             * @description Preset deducted 预置.
             */
            preset_deducted_wh: number;
            /**
             * Format: int64
             * @description Price.
             */
            price_micro: number;
            /**
             * Format: int64
             * @description On the card or token 写卡电量.
             */
            quantity_wh: number;
            /** @description The signed decision; goes back unread with the sale. */
            quote: string;
            /**
             * Format: uuid
             * @description The card session; none for a token.
             */
            session?: string | null;
            /**
             * Format: uuid
             * @description The tariff version.
             */
            tariff_version_id: string;
            /** @description What to know, without refusing. */
            warnings: components["schemas"]["Warning"][];
            /** @description Whether the meter will take it. */
            will_load: components["schemas"]["WillLoad"];
        };
        /** @description Which reader a workstation uses. */
        ReaderChoice: {
            /**
             * Format: int32
             * @description Bits per second; left out: what the driver proposes.
             */
            baud?: number | null;
            /** @description A reader driver's id. */
            driver_id: string;
            /** @description `/dev/ttyUSB0`, `COM3`. */
            port: string;
        };
        /** @description A reader's state. */
        ReaderView: {
            /** @description The configured driver. */
            driver_id: string;
            /** @description Its version, while it is in use. */
            driver_version?: string | null;
            /** @description Its firmware. */
            firmware?: string | null;
            /** @description What the reader calls itself. */
            model?: string | null;
            /** @description The configured port. */
            port: string;
            /** @description `ready`, `absent`, `busy`, `no-answer`, `wrong-driver`, `no-rights`, `searching`. */
            state: string;
        };
        /** @description A report. */
        Reconciliation: components["schemas"]["ReconciliationHead"] & {
            /** @description Every invariant. */
            findings: components["schemas"]["ReconciliationFinding"][];
            /** @description The oldest 50 of them. */
            oldest_waiting: components["schemas"]["WaitingSale"][];
            /**
             * Format: int64
             * @description Open sales: nothing is broken by them.
             */
            waiting: number;
        };
        /** @description One invariant of a report. */
        ReconciliationFinding: {
            /**
             * Format: int64
             * @description Those of them that break it.
             */
            broken: number;
            /**
             * Format: int64
             * @description Things that were compared.
             */
            compared: number;
            /** @description Totals. Units by the ends of the names. */
            figures: Record<string, never>;
            /** @description The invariant. */
            id: string;
            /** @description Why it could not be checked. */
            problem?: string | null;
            /** @description The first 50 rows that break it. */
            rows: components["schemas"]["BrokenRow"][];
            /**
             * Format: int64
             * @description Time, ms.
             */
            took_ms: number;
            /** @description `holds`, `broken`, or `unknown`: it could not be checked. */
            verdict: string;
        };
        /** @description A report in short. */
        ReconciliationHead: {
            /**
             * Format: int32
             * @description Broken ones.
             */
            broken: number;
            /** @description `nightly`, `asked` or `command`. */
            cause: string;
            /** @description Everything was checked and holds. */
            holds: boolean;
            /**
             * Format: uuid
             * @description Its id.
             */
            id: string;
            /**
             * Format: int32
             * @description Invariants.
             */
            invariants: number;
            /**
             * Format: date
             * @description The night that it is for.
             */
            night?: string | null;
            /** @description Who asked for it. */
            operator?: string | null;
            /**
             * Format: date-time
             * @description Everything committed before is in it.
             */
            snapshot_at: string;
            /**
             * Format: int64
             * @description How long it took, ms.
             */
            took_ms: number;
            /**
             * Format: int32
             * @description Those that could not be checked.
             */
            unknown: number;
        };
        /** @description A check that still runs. */
        ReconciliationStarted: {
            /**
             * Format: uuid
             * @description Its report will have this id.
             */
            id: string;
        };
        /** @description A replacement card 补卡. No money; `quantity_wh` is meter energy. */
        Replacement: {
            /**
             * Format: uuid
             * @description Whose card.
             */
            account_id: string;
            /**
             * Format: date-time
             * @description When it was begun.
             */
            authorised_at: string;
            /**
             * Format: int64
             * @description The new one.
             */
            card_no: number;
            /**
             * Format: date-time
             * @description When its card was proven.
             */
            committed_at?: string | null;
            /**
             * Format: int32
             * @description Purchase number 购电次数, that of the sale.
             */
            count: number;
            /**
             * Format: uuid
             * @description The client's id.
             */
            id: string;
            /** @description Factory number of the meter. */
            meter_no: string;
            /** @description Name 户名. */
            name: string;
            /**
             * Format: int64
             * @description The card that does not count any more.
             */
            old_card_no: number;
            problem?: components["schemas"]["SaleProblem"] | null;
            /**
             * Format: int64
             * @description On the card 写卡电量, that of the sale.
             */
            quantity_wh: number;
            /** @description `lost`, `damaged` or `locked`. */
            reason: string;
            /**
             * Format: uuid
             * @description The sale whose purchase it repeats. If that one was unfinished, it ends with this card.
             */
            sale_id: string;
            /** @description `authorised`: the old card is blocked and the new one not proven yet; `committed`. */
            state: string;
            /** @description `waiting-card`, or the station's step, while it is open. */
            step?: string | null;
            /** @description User number 用户编号. */
            user_no: string;
            /**
             * Format: uuid
             * @description Where it was begun.
             */
            workstation_id: string;
        };
        /** @description A copy that was taken. */
        Reprint: {
            /**
             * Format: int32
             * @description 0 for the original, then rising.
             */
            copy: number;
        };
        /** @description Where to go on. */
        Resume: {
            /**
             * Format: uuid
             * @description The counter whose reader holds the card.
             */
            workstation_id: string;
        };
        /** @description Whether a meter type is offered for new meters. */
        Retired: {
            /** @description No longer offered. */
            retired: boolean;
        };
        /** @description What the meter wrote onto the card. Energies are meter energy. */
        Returned: {
            /**
             * Format: int32
             * @description Purchase number that the meter has taken.
             */
            count: number;
            /**
             * Format: int32
             * @description Insertions that the meter refused.
             */
            errors: number;
            /**
             * Format: int64
             * @description Overdraft.
             */
            overdraft_wh: number;
            /**
             * Format: int64
             * @description Power at that moment, W.
             */
            power_w: number;
            /** @description The relay was open. */
            relay_open: boolean;
            /**
             * Format: int64
             * @description Remaining; negative when overdrawn.
             */
            remaining_wh: number;
            /**
             * Format: int32
             * @description Status word.
             */
            status: number;
            /**
             * Format: int64
             * @description Total purchased.
             */
            total_purchased_wh: number;
            /**
             * Format: int64
             * @description Total used.
             */
            total_used_wh: number;
        };
        /** @description Returned data. Meter energy, Wh. */
        ReturnedView: {
            /**
             * Format: int32
             * @description Last purchase number that it took.
             */
            count: number;
            /**
             * Format: int32
             * @description Rejected insertions.
             */
            errors: number;
            /** @description The meter that wrote it. */
            meter_no: string;
            /**
             * Format: int64
             * @description Overdraft.
             */
            overdraft_wh: number;
            /**
             * Format: int32
             * @description Power, W.
             */
            power_w: number;
            /** @description The relay is open. */
            relay_open: boolean;
            /**
             * Format: int64
             * @description Remaining.
             */
            remaining_wh: number;
            /**
             * Format: int32
             * @description Status word.
             */
            status: number;
            /**
             * Format: int64
             * @description Total purchased.
             */
            total_purchased_wh: number;
            /**
             * Format: int64
             * @description Total used.
             */
            total_used_wh: number;
        };
        /**
         * @description A right by its name, as operators have it.
         * @enum {string}
         */
        RightName: "sell-energy" | "void-sale" | "open-account" | "read-accounts" | "manage-stock" | "manage-setup" | "manage-sites" | "manage-operators" | "manage-drivers" | "read-analysis" | "use-bench";
        /** @description A sale. Energies in Wh (real, but for `quantity_wh` and `preset_deducted_wh`: meter), money in fen. */
        Sale: {
            /**
             * Format: uuid
             * @description Whose.
             */
            account_id: string;
            /**
             * Format: int64
             * @description Adjustment used 找补.
             */
            adjustment_wh: number;
            /**
             * Format: int64
             * @description 金额.
             */
            amount_fen: number;
            /**
             * Format: date-time
             * @description When the money was taken.
             */
            authorised_at: string;
            /**
             * Format: int64
             * @description Card number, where the meter takes cards.
             */
            card_no?: number | null;
            /** @description `card` or `token`. */
            carrier: string;
            /**
             * Format: int64
             * @description Carried to the next purchase.
             */
            carry_wh: number;
            /**
             * Format: int64
             * @description Handed over.
             */
            cash_fen?: number | null;
            /**
             * Format: int64
             * @description Change.
             */
            change_fen?: number | null;
            /**
             * Format: date-time
             * @description When the card was proven, or the token made.
             */
            committed_at?: string | null;
            /**
             * Format: int32
             * @description Purchase number 购电次数.
             */
            count: number;
            /** @description Driver. */
            driver_id: string;
            /** @description Its version. */
            driver_version: string;
            /**
             * Format: int64
             * @description Sold and billed 购电量.
             */
            energy_wh: number;
            /**
             * Format: uuid
             * @description The client's id.
             */
            id: string;
            /** @description `opening` or `purchase`. */
            kind: string;
            /** @description Factory number. */
            meter_no: string;
            /**
             * Format: int32
             * @description Multiplier 倍率.
             */
            multiplier: number;
            /** @description Name 户名. */
            name: string;
            /** @description Who sold it. */
            operator_name: string;
            /** @description `cash`, `wechat`, `alipay`, `bank`. */
            payment: string;
            /**
             * Format: int64
             * @description Preset deducted by the system 预置.
             */
            preset_deducted_wh: number;
            /**
             * Format: int64
             * @description Price.
             */
            price_micro: number;
            problem?: components["schemas"]["SaleProblem"] | null;
            /**
             * Format: int64
             * @description On the card or token 写卡电量.
             */
            quantity_wh: number;
            /**
             * Format: int64
             * @description Receipt number, once committed.
             */
            receipt_no?: number | null;
            /**
             * Format: uuid
             * @description The workstation whose row the number is of: where the sale ended, which need not be where it was paid.
             */
            receipt_workstation_id?: string | null;
            /** @description Site. */
            site_name: string;
            /** @description `authorised`, `committed` or `voided`. */
            state: string;
            /** @description `waiting-card`, or the station's step, while it is open. */
            step?: string | null;
            token?: components["schemas"]["SaleToken"] | null;
            /** @description User number 用户编号. */
            user_no: string;
            /**
             * Format: uuid
             * @description Counter.
             */
            workstation_id: string;
        };
        /** @description Why an open sale waits. */
        SaleProblem: {
            /** @description A code of the catalogue. */
            code: string;
            /** @description Its figures. */
            params: Record<string, never>;
        };
        /** @description A token that was sold. */
        SaleToken: {
            /** @description What the customer types, in groups of four: `5938 6323 4721 3742 6967`. */
            digits: string;
            /**
             * Format: int64
             * @description What makes it another token than all others of the meter (TID: minutes since the base date).
             */
            identifier: number;
        };
        /** @description The first administrator. */
        SetupRequest: {
            /** @description Log-in name. */
            login: string;
            /** @description Name of the person. */
            name: string;
            /**
             * Format: password
             * @description Password.
             */
            password: string;
            /** @description Printed at start, and in the file `setup-token` of the data folder. */
            token: string;
        };
        /** @description A sales point. */
        Site: {
            /** @description Short code. */
            code: string;
            /**
             * Format: uuid
             * @description Id.
             */
            id: string;
            /** @description Name. */
            name: string;
        };
        /** @description A sales point as it shall be. */
        SiteChange: {
            /** @description Name. */
            name: string;
        };
        /** @description The answer. */
        SystemView: {
            /** @description Learning or registered. */
            mode: components["schemas"]["Mode"];
            /** @description There is no administrator yet: set up with the token from the data folder. */
            needs_setup: boolean;
            /** @description The organisation's name. */
            organisation_name?: string | null;
            /**
             * Format: int32
             * @description The organisation's clock, minutes east of UTC: the day that a sale counts in, and the times on its receipts.
             */
            utc_offset_minutes: number;
            /** @description The server's version. */
            version: string;
        };
        /** @description A tariff. */
        Tariff: {
            /** @description Short code. */
            code: string;
            /**
             * Format: uuid
             * @description Id.
             */
            id: string;
            /** @description Name. */
            name: string;
            /** @description Versions, the earliest first. A sale keeps the one that it was made at. */
            versions: components["schemas"]["TariffVersion"][];
        };
        /** @description A version of a tariff. */
        TariffVersion: {
            /**
             * Format: uuid
             * @description Id.
             */
            id: string;
            /**
             * Format: int64
             * @description Price, 10⁻⁶ yuan per kWh.
             */
            price_micro: number;
            /**
             * Format: date
             * @description First day on which it holds.
             */
            valid_from: string;
        };
        /** @description What is typed. */
        Typed: {
            /** @description The digits; spaces and hyphens between them do not count. */
            digits: string;
        };
        /** @description A vendor's key, as it counts. */
        VendorKey: {
            /** @description What it may sign. */
            ids: string[];
            /** @description Whose key it is. */
            name: string;
            /** @description The public key. */
            public: string;
            /** @description It counts no more: what it signed is out of service. */
            revoked: boolean;
        };
        /** @description Which key. */
        VendorKeyName: {
            /** @description Its name. */
            name: string;
        };
        /** @description Where the card lies. */
        VoidOrder: {
            /**
             * Format: uuid
             * @description The counter whose reader holds the sale's card.
             */
            workstation_id: string;
        };
        /** @description An open sale. */
        WaitingSale: {
            /**
             * Format: uuid
             * @description Its account.
             */
            account_id: string;
            /**
             * Format: int64
             * @description Its age at the check, seconds.
             */
            age_s: number;
            /**
             * Format: int64
             * @description What was paid.
             */
            amount_fen: number;
            /**
             * Format: int32
             * @description Purchase number.
             */
            count: number;
            /**
             * Format: date-time
             * @description When it was authorised.
             */
            opened_at: string;
            /** @description `ticket.out`, `ticket.again`, or a code of the errors. */
            reason: string;
            /**
             * Format: uuid
             * @description The sale.
             */
            sale_id: string;
            /**
             * Format: int32
             * @description Tickets issued for it.
             */
            tickets: number;
            /** @description User number. */
            user_no: string;
            /**
             * Format: int32
             * @description The workstation that has the newest one.
             */
            workstation?: number | null;
        };
        /** @description A warning. */
        Warning: {
            /** @description A code of the catalogue. */
            code: string;
            /** @description Its figures. */
            params: Record<string, never>;
        };
        /** @description Whether the card will load, as the meter twin says. */
        WillLoad: {
            /** @description `yes`, `no`, `later` or `unknown`. */
            answer: string;
            /** @description The meter's own code when it would not. */
            code?: string | null;
            /**
             * Format: int64
             * @description For `later`: the card loads while the display shows less than this, meter Wh.
             */
            insert_below_wh?: number | null;
        };
        /** @description A workstation. */
        Workstation: {
            /** @description Whether its program is connected now. */
            connected: boolean;
            /**
             * Format: date-time
             * @description When its program was enrolled; null: no program may come in.
             */
            enrolled_at?: string | null;
            enrolment?: components["schemas"]["EnrolmentCode"] | null;
            /**
             * Format: uuid
             * @description Id.
             */
            id: string;
            journal?: components["schemas"]["JournalView"] | null;
            /** @description Built in or a station. */
            kind: components["schemas"]["Kind"];
            /** @description Language of its program, `zh-CN` or `en`; null: the computer's own. */
            language?: string | null;
            last_error?: components["schemas"]["ErrorView"] | null;
            /** @description How much its program logs, `error`, `warn`, `info` or `debug`; null: the program's own. */
            log_level?: string | null;
            /** @description Name. */
            name: string;
            /**
             * Format: int32
             * @description Number; 0 is the server's own.
             */
            number: number;
            /** @description Its reader as it stands now. */
            reader: components["schemas"]["ReaderView"];
            /** @description It is no longer used. */
            retired: boolean;
            /**
             * Format: date-time
             * @description Since when its program is connected, or is not; null: it has not been since the server started.
             */
            since?: string | null;
            /**
             * Format: uuid
             * @description The sales point it stands in.
             */
            site_id: string;
            /** @description Something is in its reader: `card`, `unreadable`, or `none`. */
            slot: string;
            /** @description Version of its program. */
            version?: string | null;
        };
        /** @description A workstation as it shall be. */
        WorkstationChange: {
            /** @description Language of its program, `zh-CN` or `en`; left out: the computer's own. */
            language?: string | null;
            /** @description How much its program logs, `error`, `warn`, `info` or `debug`; left out: the program's own. */
            log_level?: string | null;
            /** @description Name. */
            name: string;
            /**
             * Format: uuid
             * @description The sales point it stands in.
             */
            site_id: string;
        };
        /** @description How a workstation and its reader stand. */
        WorkstationState: {
            card?: components["schemas"]["CardPresent"] | null;
            /** @description Why the thing in the slot cannot be read. */
            card_problem?: string | null;
            /** @description Its program is connected. */
            connected: boolean;
            journal?: components["schemas"]["JournalView"] | null;
            last_error?: components["schemas"]["ErrorView"] | null;
            /** @description Its reader. */
            reader: components["schemas"]["ReaderView"];
            /**
             * Format: date-time
             * @description Since when it is, or is not; null: it has not been since the server started.
             */
            since?: string | null;
            /** @description Version of its program. */
            version?: string | null;
            /**
             * Format: uuid
             * @description Which workstation.
             */
            workstation_id: string;
        };
    };
    responses: never;
    parameters: never;
    requestBodies: never;
    headers: never;
    pathItems: never;
}
export type $defs = Record<string, never>;
export interface operations {
    listAccounts: {
        parameters: {
            query?: {
                /** @description Page, from 1. */
                page?: number;
                /** @description Entries on a page, at most 200. */
                per_page?: number;
                /** @description Text to search for. */
                q?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Page_Account"];
                };
            };
            /** @description A problem (RFC 9457) */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    openAccount: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["NewAccount"];
            };
        };
        responses: {
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Account"];
                };
            };
            /** @description A problem (RFC 9457) */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    getAccount: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Account"];
                };
            };
            /** @description A problem (RFC 9457) */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    getAccountHistory: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["History"];
                };
            };
            /** @description A problem (RFC 9457) */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    listAlarms: {
        parameters: {
            query?: {
                /** @description Also the closed ones. */
                closed?: boolean;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Page_Alarm"];
                };
            };
            /** @description A problem (RFC 9457) */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    closeAlarm: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["AlarmClosing"];
            };
        };
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Alarm"];
                };
            };
            /** @description A problem (RFC 9457) */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    getSalesByArea: {
        parameters: {
            query: {
                /** @description One row for each area directly below this one, and one for what stands in itself; left out: the top. */
                area_id?: string;
                /** @description What the rows stand for. */
                by?: "area";
                /** @description First day, `2026-01-01`; with months, its whole month. */
                from: string;
                /** @description Days or months. */
                period?: "day" | "month";
                /** @description Last day; with months, its whole month. */
                to: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["AnalysisAnswer"];
                };
            };
            /** @description A problem (RFC 9457) */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    listSalesBehind: {
        parameters: {
            query: {
                /** @description The area, with everything below it. */
                area_id: string;
                /** @description Page, from 1. */
                page?: number;
                /** @description Entries on a page, at most 200. */
                per_page?: number;
                /** @description `2026-11`, or `2026-11-22` for a day. */
                period: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Page_Sale"];
                };
            };
            /** @description A problem (RFC 9457) */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    listAreas: {
        parameters: {
            query?: {
                /** @description Page, from 1. */
                page?: number;
                /** @description Entries on a page, at most 200. */
                per_page?: number;
                /** @description Text to search for. */
                q?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Page_Area"];
                };
            };
            /** @description A problem (RFC 9457) */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    createArea: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["NewArea"];
            };
        };
        responses: {
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Area"];
                };
            };
            /** @description A problem (RFC 9457) */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    getBench: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Bench"];
                };
            };
            /** @description A problem (RFC 9457) */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    createBenchCard: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["NewBenchCard"];
            };
        };
        responses: {
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["BenchCard"];
                };
            };
            /** @description A problem (RFC 9457) */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    moveBenchCard: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: number;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["Move"];
            };
        };
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Moved"];
                };
            };
            /** @description A problem (RFC 9457) */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    createBenchMeter: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["NewBenchMeter"];
            };
        };
        responses: {
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["BenchMeter"];
                };
            };
            /** @description A problem (RFC 9457) */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    passBenchTime: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: number;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["Pass"];
            };
        };
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["BenchMeter"];
                };
            };
            /** @description A problem (RFC 9457) */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    switchBenchPower: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: number;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["Power"];
            };
        };
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["BenchMeter"];
                };
            };
            /** @description A problem (RFC 9457) */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    enterBenchToken: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: number;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["Typed"];
            };
        };
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Entered"];
                };
            };
            /** @description A problem (RFC 9457) */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    setBenchFault: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                workstation_id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["Fault"];
            };
        };
        responses: {
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description A problem (RFC 9457) */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    getDocument: {
        parameters: {
            query?: {
                /** @description 0, or left out: the original. */
                copy?: number;
            };
            header?: never;
            path: {
                sale_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "text/html": string;
                };
            };
            /** @description A problem (RFC 9457) */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    printDocument: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                sale_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Reprint"];
                };
            };
            /** @description A problem (RFC 9457) */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    getReceiptStyle: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "text/css": string;
                };
            };
            /** @description A problem (RFC 9457) */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    listDrivers: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Driver"][];
                };
            };
            /** @description A problem (RFC 9457) */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    uploadDriver: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/wasm": number[];
            };
        };
        responses: {
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Driver"];
                };
            };
            /** @description A problem (RFC 9457) */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    activateDriver: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                sha256: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["Activation"];
            };
        };
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Driver"];
                };
            };
            /** @description A problem (RFC 9457) */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    releaseDriver: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                sha256: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Driver"];
                };
            };
            /** @description A problem (RFC 9457) */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    getDriverReport: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                sha256: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["DriverReport"];
                };
            };
            /** @description A problem (RFC 9457) */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    listVendorKeys: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["VendorKey"][];
                };
            };
            /** @description A problem (RFC 9457) */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    addVendorKey: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["NewVendorKey"];
            };
        };
        responses: {
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["VendorKey"];
                };
            };
            /** @description A problem (RFC 9457) */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    revokeVendorKey: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["VendorKeyName"];
            };
        };
        responses: {
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description A problem (RFC 9457) */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    login: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["LoginRequest"];
            };
        };
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["LoginAnswer"];
                };
            };
            /** @description A problem (RFC 9457) */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    logout: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description A problem (RFC 9457) */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    getMe: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Me"];
                };
            };
            /** @description A problem (RFC 9457) */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    listMeterTypes: {
        parameters: {
            query?: {
                /** @description Page, from 1. */
                page?: number;
                /** @description Entries on a page, at most 200. */
                per_page?: number;
                /** @description Text to search for. */
                q?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Page_MeterType"];
                };
            };
            /** @description A problem (RFC 9457) */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    createMeterType: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["NewMeterType"];
            };
        };
        responses: {
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["MeterType"];
                };
            };
            /** @description A problem (RFC 9457) */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    retireMeterType: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["Retired"];
            };
        };
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["MeterType"];
                };
            };
            /** @description A problem (RFC 9457) */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    listMeters: {
        parameters: {
            query?: {
                /** @description Page, from 1. */
                page?: number;
                /** @description Entries on a page, at most 200. */
                per_page?: number;
                /** @description Beginning of the factory number. */
                q?: string;
                /** @description Only these. */
                status?: "stock" | "assigned" | "removed" | "scrapped";
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Page_Meter"];
                };
            };
            /** @description A problem (RFC 9457) */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    addMeter: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["NewMeter"];
            };
        };
        responses: {
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Meter"];
                };
            };
            /** @description A problem (RFC 9457) */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    createQuote: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["NewQuote"];
            };
        };
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Quote"];
                };
            };
            /** @description A problem (RFC 9457) */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    listReconciliations: {
        parameters: {
            query?: {
                /** @description Page, from 1. */
                page?: number;
                /** @description Entries on a page, at most 200. */
                per_page?: number;
                /** @description Text to search for. */
                q?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Page_ReconciliationHead"];
                };
            };
            /** @description A problem (RFC 9457) */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    createReconciliation: {
        parameters: {
            query?: {
                /** @description Seconds to wait for the report, at most 60; 20 if left out. */
                wait_s?: number;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Reconciliation"];
                };
            };
            202: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ReconciliationStarted"];
                };
            };
            /** @description A problem (RFC 9457) */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    getReconciliation: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Reconciliation"];
                };
            };
            /** @description A problem (RFC 9457) */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    refresh: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["LoginAnswer"];
                };
            };
            /** @description A problem (RFC 9457) */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    listReplacements: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Page_Replacement"];
                };
            };
            /** @description A problem (RFC 9457) */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    createReplacement: {
        parameters: {
            query?: {
                /** @description Seconds, at most 60; 0 or left out: answer as soon as the sale is authorised. */
                wait_s?: number;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["NewReplacement"];
            };
        };
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Replacement"];
                };
            };
            /** @description A problem (RFC 9457) */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    getReplacement: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Replacement"];
                };
            };
            /** @description A problem (RFC 9457) */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    resumeReplacement: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["Resume"];
            };
        };
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Replacement"];
                };
            };
            /** @description A problem (RFC 9457) */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    listSales: {
        parameters: {
            query?: {
                /** @description `open`, also when left out: those that are not finished, the oldest first. */
                state?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Page_Sale"];
                };
            };
            /** @description A problem (RFC 9457) */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    createSale: {
        parameters: {
            query?: {
                /** @description Seconds, at most 60; 0 or left out: answer as soon as the sale is authorised. */
                wait_s?: number;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["NewSale"];
            };
        };
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Sale"];
                };
            };
            /** @description A problem (RFC 9457) */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    getSale: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Sale"];
                };
            };
            /** @description A problem (RFC 9457) */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    resumeSale: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["Resume"];
            };
        };
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Sale"];
                };
            };
            /** @description A problem (RFC 9457) */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    voidSale: {
        parameters: {
            query?: {
                /** @description Seconds, at most 60; 0 or left out: answer as soon as the sale is authorised. */
                wait_s?: number;
            };
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["VoidOrder"];
            };
        };
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Sale"];
                };
            };
            /** @description A problem (RFC 9457) */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    setup: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["SetupRequest"];
            };
        };
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["LoginAnswer"];
                };
            };
            /** @description A problem (RFC 9457) */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    listSites: {
        parameters: {
            query?: {
                /** @description Page, from 1. */
                page?: number;
                /** @description Entries on a page, at most 200. */
                per_page?: number;
                /** @description Text to search for. */
                q?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Page_Site"];
                };
            };
            /** @description A problem (RFC 9457) */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    createSite: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["NewSite"];
            };
        };
        responses: {
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Site"];
                };
            };
            /** @description A problem (RFC 9457) */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    changeSite: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["SiteChange"];
            };
        };
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Site"];
                };
            };
            /** @description A problem (RFC 9457) */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    retireSite: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description A problem (RFC 9457) */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    linkStation: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description WebSocket */
            101: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description A problem (RFC 9457) */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    getSystem: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["SystemView"];
                };
            };
            /** @description A problem (RFC 9457) */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    listTariffs: {
        parameters: {
            query?: {
                /** @description Page, from 1. */
                page?: number;
                /** @description Entries on a page, at most 200. */
                per_page?: number;
                /** @description Text to search for. */
                q?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Page_Tariff"];
                };
            };
            /** @description A problem (RFC 9457) */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    createTariff: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["NewTariff"];
            };
        };
        responses: {
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Tariff"];
                };
            };
            /** @description A problem (RFC 9457) */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    addTariffVersion: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["NewTariffVersion"];
            };
        };
        responses: {
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Tariff"];
                };
            };
            /** @description A problem (RFC 9457) */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    listWorkstations: {
        parameters: {
            query?: {
                /** @description Page, from 1. */
                page?: number;
                /** @description Entries on a page, at most 200. */
                per_page?: number;
                /** @description Text to search for. */
                q?: string;
                /** @description The retired ones instead of those in use. */
                retired?: boolean;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Page_Workstation"];
                };
            };
            /** @description A problem (RFC 9457) */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    createWorkstation: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["NewWorkstation"];
            };
        };
        responses: {
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Workstation"];
                };
            };
            /** @description A problem (RFC 9457) */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    changeWorkstation: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["WorkstationChange"];
            };
        };
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Workstation"];
                };
            };
            /** @description A problem (RFC 9457) */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    newWorkstationCode: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["EnrolmentCode"];
                };
            };
            /** @description A problem (RFC 9457) */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    getWorkstationEvents: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "text/event-stream": string;
                };
            };
            /** @description A problem (RFC 9457) */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    readCard: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["CardView"];
                };
            };
            /** @description A problem (RFC 9457) */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    setReader: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["ReaderChoice"];
            };
        };
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["WorkstationState"];
                };
            };
            /** @description A problem (RFC 9457) */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    retireWorkstation: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description A problem (RFC 9457) */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    revokeWorkstation: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description A problem (RFC 9457) */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    getWorkstationState: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["WorkstationState"];
                };
            };
            /** @description A problem (RFC 9457) */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    testPort: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["PortTest"];
            };
        };
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["PortTestAnswer"];
                };
            };
            /** @description A problem (RFC 9457) */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
}
