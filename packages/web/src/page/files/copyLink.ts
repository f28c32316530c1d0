/** Copies an experiment as a link, and says what is in it. */
import { troubleOf } from '../../engine/trouble.js';
import { linkOf } from './share.js';
import { trouble } from '../state.js';
import { toast } from '../shell/toast.js';

export async function copyLink(text: string): Promise<void> {
  let link: string;
  try {
    link = await linkOf(text, location.href);
  } catch (error) {
    trouble.value = troubleOf(error);
    return;
  }
  try {
    await navigator.clipboard.writeText(link);
    toast('The link is copied. The experiment’s text is in it; the model and the data are not.');
  } catch {
    // a page that is not secure, or a reader who said no
    history.replaceState(undefined, '', link);
    toast('The link stands in the address bar: this browser does not let the page copy it.');
  }
}
