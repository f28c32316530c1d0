/** The page: what stands where. Each part is a file of its own and reads the shared state. */
import { CircuitPanel } from './circuitPanel.js';
import { Controls } from './controls.js';
import { CurvesPanel } from './curvesPanel.js';
import { DetailsPanel } from './detailsPanel.js';
import { FirstVisit } from './firstVisit.js';
import { Header } from './header.js';
import { MethodsPanel } from './methodsPanel.js';
import { NewVersionNote } from './offline/newVersionNote.js';
import { PromptPanel } from './promptPanel.js';
import { SetupPanel } from './setupPanel.js';
import { moment } from './state.js';
import { TimelinePanel } from './timelinePanel.js';
import { TroubleAlert } from './troubleAlert.js';
import './app.css';

export function App() {
  return (
    <>
      <a class="skip" href="#circuit">
        Skip to the circuit
      </a>
      <Header />
      <main>
        <Controls />
        <TroubleAlert />
        <NewVersionNote />
        <FirstVisit />
        <div class={moment.value ? 'bench has-circuit' : 'bench'}>
          <div>
            <CircuitPanel />
            <TimelinePanel />
          </div>
          <div>
            <DetailsPanel />
            <PromptPanel />
          </div>
        </div>
        <div class="lower">
          <CurvesPanel />
          <MethodsPanel />
          <SetupPanel />
        </div>
      </main>
    </>
  );
}
