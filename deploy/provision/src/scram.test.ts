import { expect, it } from 'vitest';
import { scramVerifier } from './scram.ts';

// RFC 7677, section 3: user `user`, password `pencil`, salt and iterations of the example; the keys are computed from them by RFC 5802.
it('a verifier is the one of the standard’s example', () => {
  expect(scramVerifier('pencil', Buffer.from('W22ZaJ0SNY7soEsUEjb6gQ==', 'base64'))).toBe(
    'SCRAM-SHA-256$4096:W22ZaJ0SNY7soEsUEjb6gQ==$WG5d8oPm3OtcPnkdi4Uo7BkeZkBFzpcXkuLmtbsT4qY=:wfPLwcE6nTWhTAmQ7tl2KeoiWGPlZqQxSrmfPwDl2dU=',
  );
});
