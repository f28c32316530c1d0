/** Puts an engine behind a message port: its own end of what `openLab` talks to. */
import { createBirpc } from 'birpc';
import { portChannel, type Port } from './channel.js';
import { LabEngine } from './engine.js';
import type { Engine, Listener } from './protocol.js';

export function serveEngine(port: Port): void {
  const engine = new LabEngine({
    status: (status) => void page.status(status),
    begin: (facts) => void page.begin(facts),
    event: (event, found) => void page.event(event, found),
    progress: (what, done, of) => void page.progress(what, done, of),
  });
  const page = createBirpc<Listener, Engine>(engine, {
    ...portChannel(port),
    bind: 'functions',
    eventNames: ['status', 'begin', 'event', 'progress'],
  });
}
