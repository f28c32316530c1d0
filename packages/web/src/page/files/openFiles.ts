/** What was dropped or picked goes where it belongs: a run is shown, everything else becomes part of the experiment. */
import type { Trouble } from '../../engine/protocol.js';
import { troubleOf } from '../../engine/trouble.js';
import type { PathFile } from '../../record/files.js';
import { filesAt, openRun, type RunPlace } from '../../record/index.js';
import { opened } from '../opened.js';
import { routeOf } from './dropFiles.js';
import { addModel, addTask, modelTrouble, openExperiment } from '../setup/actions.js';
import { show, trouble } from '../state.js';
import { toast } from '../shell/toast.js';

export async function openFiles(files: readonly PathFile[]): Promise<void> {
  trouble.value = modelTrouble.value = undefined;
  const route = routeOf(files.map(({ path }) => path));
  const fileAt = (wanted: string): PathFile => files.find(({ path }) => path === wanted)!;
  try {
    switch (route.kind) {
      case 'run':
        return await showRun({ files });
      case 'zip': {
        const { file } = fileAt(route.path);
        return await showRun({ zip: file, name: file.name });
      }
      case 'model': {
        showSetup();
        toast('Reading the model …');
        const known = await addModel(files, route.root);
        return toast(known ? `${known.name} is here, and chosen in step 1.` : 'This model cannot be used: see step 1.');
      }
      case 'experiment':
        showSetup();
        return await openExperiment(fileAt(route.path), route.data.map(fileAt));
      case 'task': {
        showSetup();
        await addTask(route.data.map(fileAt));
        const [first, ...more] = route.data;
        const others = more.length > 0 ? ` ${more.join(', ')} can be chosen too.` : '';
        return toast(`${first} is the task now, in step 2.${others}`);
      }
      case 'unknown':
        tell({ kind: 'Error', message: route.message });
    }
  } catch (error) {
    tell(troubleOf(error));
  }
}

/** Troubles stand at the top of the page, which may be out of sight. */
function tell(said: Trouble): void {
  trouble.value = said;
  scrollTo({ top: 0 });
}

/** What is missing from a run is said, but not file by file. */
const NOTES = 2;

/** A run from files, in the views of one that runs here. */
export async function showRun(place: RunPlace): Promise<void> {
  const { record, notes } = await openRun(await filesAt(place));
  show(record, false);
  opened.value = { place };
  const circuits = record.moments.length;
  const more = notes.length > NOTES ? [`And ${notes.length - NOTES} more like this.`] : [];
  const found = `${record.name}: ${circuits} ${circuits === 1 ? 'circuit' : 'circuits'}.`;
  toast([found, ...notes.slice(0, NOTES), ...more].join(' '));
  scrollTo({ top: 0 });
}

export function showSetup(): void {
  const setup = document.getElementById('own');
  setup?.scrollIntoView({ block: 'start' });
  setup?.focus({ preventScroll: true });
}
