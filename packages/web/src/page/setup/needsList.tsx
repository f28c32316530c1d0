/** What the experiment names and this browser does not have: each with what to do. Nothing is fetched by itself. */
import { hubId } from './hubModel.js';
import { needs } from './draft.js';
import type { Need } from './needs.js';

export function NeedsList() {
  if (needs.value.length === 0) return null;
  return (
    <div class="needs" role="status">
      <h3>This experiment needs what is not here yet</h3>
      <ul>
        {needs.value.map((need) => (
          <li key={need.name}>
            <NeedLine need={need} />
          </li>
        ))}
      </ul>
    </div>
  );
}

function NeedLine({ need: { kind, name } }: { readonly need: Need }) {
  if (kind === 'file')
    return (
      <>
        The data file <code>{name}</code>: drop it anywhere on this page, or add it in step 2.
      </>
    );
  if (kind === 'model')
    return (
      <>
        The model <code>{name}</code>: drop its folder, called {name}, or choose another in step 1.
      </>
    );
  return (
    <>
      The model <code>{name}</code> of the Hugging Face hub.{' '}
      <button
        type="button"
        onClick={() => {
          hubId.value = name;
          document.querySelector<HTMLElement>('.hub input')?.focus();
        }}
      >
        See what it takes
      </button>
    </>
  );
}
