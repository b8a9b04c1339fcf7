import { expect, it } from 'vitest';
import { waitingWith } from './pauses.ts';

const place = (sourceSystem: string, paused = false, topic = 'customers') => ({ sourceSystem, topic, paused });

it('a paused source names the others of its topic, and they name it', () => {
  const places = [
    place('wealth'),
    place('core', true),
    place('card'),
    place('core', false, 'accounts'),
    place('loan', false, 'accounts'),
    place(''),
  ];
  expect(waitingWith(place('core'), places)).toEqual({ alsoWaiting: ['card', 'wealth'], waitingFor: [] });
  expect(waitingWith(place('card'), places)).toEqual({ alsoWaiting: [], waitingFor: ['core'] });
  expect(waitingWith(place('loan', false, 'accounts'), places)).toEqual({ alsoWaiting: [], waitingFor: [] });
});

it('two paused sources wait for each other', () => {
  const places = [place('core', true), place('card', true)];
  expect(waitingWith(place('core'), places)).toEqual({ alsoWaiting: ['card'], waitingFor: ['card'] });
});
