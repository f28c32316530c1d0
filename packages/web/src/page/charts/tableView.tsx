/** A table of draw/ in the page, sortable; and one that is made when it is asked for. */
import type { ComponentChildren } from 'preact';
import { useEffect, useRef, useState } from 'preact/hooks';
import { sortable } from '../../draw/sortable.js';
import { tableHtml, type Table } from '../../draw/table.js';

export function TableView({ table }: { table: Table }) {
  const place = useRef<HTMLDivElement>(null);
  const html = tableHtml(table);
  useEffect(() => {
    // what the library put there is replaced as a whole, so that sorting begins anew with new numbers
    place.current!.innerHTML = html;
    const made = place.current!.querySelector('table');
    if (made) sortable(made);
  }, [html]);
  return <div ref={place} />;
}

/** Its children are made when it is opened: a run of thousands of steps is a table of thousands of rows. */
export function Disclosure({ summary, children }: { summary: string; children: () => ComponentChildren }) {
  const [isOpen, setOpen] = useState(false);
  return (
    <details class="disclosure" onToggle={({ currentTarget }) => setOpen(currentTarget.open)}>
      <summary>{summary}</summary>
      {isOpen && children()}
    </details>
  );
}
