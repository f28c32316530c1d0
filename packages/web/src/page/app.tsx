/** The page: what stands where. Each part is a file of its own and reads the shared state. */
import { CircuitPanel } from './circuit/circuitPanel.js';
import { Controls } from './run/controls.js';
import { CurvesPanel } from './curves/curvesPanel.js';
import { DetailsPanel } from './details/detailsPanel.js';
import { FirstVisit } from './shell/firstVisit.js';
import { Header } from './shell/header.js';
import { MethodsPanel } from './methods/methodsPanel.js';
import { NewVersionNote } from './offline/newVersionNote.js';
import { PromptPanel } from './prompt/promptPanel.js';
import { SetupPanel } from './setup/setupPanel.js';
import { moment } from './state.js';
import { TimelinePanel } from './time/timelinePanel.js';
import { TroubleAlert } from './shell/troubleAlert.js';
import './app.css';

export function App() {
  return (
    <>
      <a class="skip" href="#circuit">
        Skip to the circuit
      </a>
      <Header />
      <main tabIndex={-1}>
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
