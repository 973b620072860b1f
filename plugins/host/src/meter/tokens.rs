//! The handle's functions for standards whose carrier is a token.

use dianka_domain::card::CardImage;
use dianka_keys::{KeyProvider, KeyRule};

use super::{Carrier, MeterDriver, Outcome, TokenAdapter};
use crate::fault::{CallError, Fault};
use crate::token::{Prepared, Token, TokenContent, TokenError, TokenFacts, TokenMeter, TokenRequest};

impl MeterDriver {
    /// How purchases reach the meter.
    pub fn carrier(&self) -> Carrier {
        self.describe().carrier
    }

    /// What the driver said about its tokens when it was loaded; none for a driver of card meters.
    pub fn token_facts(&self) -> Option<&TokenFacts> {
        self.tokens().map(|(facts, _)| facts)
    }

    /// Makes a token. Not in quarantine. The answer is input, not truth: check it with
    /// [`verify_token`](crate::token::verify_token).
    ///
    /// # Errors
    /// See [`TokenError`].
    pub fn token(&self, request: &TokenRequest, keys: &dyn KeyProvider) -> Result<Token, TokenError> {
        self.in_service()?;
        self.token_unguarded(request, keys)
    }

    /// What a token says. A token under another meter's key, or with a wrong digit, is refused.
    ///
    /// # Errors
    /// See [`TokenError`].
    pub fn read_token(
        &self,
        meter: &TokenMeter,
        digits: &str,
        keys: &dyn KeyProvider,
    ) -> Result<TokenContent, TokenError> {
        let (class, block) = self.decrypted(meter, digits, keys)?;
        let (_, tokens) = self.tokens().ok_or(TokenError::NoTokens)?;
        Ok(self.settle("read", tokens.read(meter, class, &block))?)
    }

    /// Types a token into the virtual meter, whose decoder has the key of `meter`.
    ///
    /// # Errors
    /// See [`TokenError`]; what the meter does not take is an [`Outcome`], not an error.
    pub fn enter_token(
        &self,
        state: &[u8],
        meter: &TokenMeter,
        digits: &str,
        keys: &dyn KeyProvider,
    ) -> Result<Outcome, TokenError> {
        let (class, block) = self.decrypted(meter, digits, keys)?;
        let entered = std::iter::once(class).chain(block).collect();
        Ok(self.insert(state, &CardImage::new(entered))?)
    }

    /// Like [`Self::token`], also in quarantine: for checks, not for sales.
    pub(crate) fn token_unguarded(&self, request: &TokenRequest, keys: &dyn KeyProvider) -> Result<Token, TokenError> {
        let (_, tokens) = self.tokens().ok_or(TokenError::NoTokens)?;
        let prepared = self.prepare_token(request)?;
        let cipher_block = keys.encrypt(&prepared.key, &prepared.block)?;
        let digits = self.settle("compose", tokens.compose(prepared.class, &cipher_block))?;
        Ok(Token { digits, identifier: prepared.identifier })
    }

    pub(crate) fn prepare_token(&self, request: &TokenRequest) -> Result<Prepared, TokenError> {
        let (facts, tokens) = self.tokens().ok_or(TokenError::NoTokens)?;
        let prepared = self.settle("prepare", tokens.prepare(request))?;
        self.whole_block(facts, &prepared.block)?;
        Ok(prepared)
    }

    /// The rule of the meter's key: which vending key, and what is derived from it for this meter. Also how a meter's number
    /// and parameters are checked before anything is sold to it.
    ///
    /// # Errors
    /// See [`TokenError`].
    pub fn token_key(&self, meter: &TokenMeter) -> Result<KeyRule, TokenError> {
        let (_, tokens) = self.tokens().ok_or(TokenError::NoTokens)?;
        Ok(self.settle("key", tokens.key(meter))?)
    }

    /// Class and plain block of a token, as the meter's decoder has them.
    fn decrypted(&self, meter: &TokenMeter, digits: &str, keys: &dyn KeyProvider) -> Result<(u8, Vec<u8>), TokenError> {
        let (facts, tokens) = self.tokens().ok_or(TokenError::NoTokens)?;
        let (class, cipher_block) = self.settle("dissect", tokens.dissect(digits))?;
        self.whole_block(facts, &cipher_block)?;
        let rule = self.token_key(meter)?;
        Ok((class, keys.decrypt(&rule, &cipher_block)?))
    }

    fn whole_block(&self, facts: &TokenFacts, block: &[u8]) -> Result<(), CallError> {
        if u32::try_from(block.len()) == Ok(facts.block_len) {
            return Ok(());
        }
        let why = format!("a block of {} bytes where {} were declared", block.len(), facts.block_len);
        Err(self.failed("tokens", Fault::Incompatible(why)).into())
    }

    fn tokens(&self) -> Option<(&TokenFacts, &dyn TokenAdapter)> {
        self.token_side()
    }
}
