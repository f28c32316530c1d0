/** Entry of the worker: the engine behind its protocol. */
import { createBirpc } from 'birpc';
import { LabEngine } from './engine.js';
import type { Engine, Listener } from './protocol.js';
import { portChannel, type Port } from './channel.js';

const listener: Listener = {
  status: (status) => void page.status(status),
  begin: (facts) => void page.begin(facts),
  event: (event, found) => void page.event(event, found),
  progress: (what, done, of) => void page.progress(what, done, of),
};
const engine = new LabEngine(listener);
const page = createBirpc<Listener, Engine>(engine, {
  ...portChannel(globalThis as unknown as Port),
  bind: 'functions',
  eventNames: ['status', 'begin', 'event', 'progress'],
});
