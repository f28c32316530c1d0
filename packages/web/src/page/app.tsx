/** The page: what stands where. Each part is a file of its own and reads the shared state. */
import { CircuitPanel } from './circuitPanel.js';
import { Controls } from './controls.js';
import { CurvesPanel } from './curvesPanel.js';
import { DetailsPanel } from './detailsPanel.js';
import { MethodsPanel } from './methodsPanel.js';
import { OpenSave } from './openSave.js';
import { PromptPanel } from './promptPanel.js';
import { SetupPanel } from './setupPanel.js';
import { TimelinePanel } from './timelinePanel.js';

export function App() {
  return (
    <>
      <header>
        <h1>circuit-tuning lab</h1>
        <OpenSave />
      </header>
      <main>
        <Controls />
        <CircuitPanel />
        <TimelinePanel />
        <DetailsPanel />
        <PromptPanel />
        <CurvesPanel />
        <MethodsPanel />
        <SetupPanel />
      </main>
    </>
  );
}
