import { closeIcon } from '@jupyterlab/ui-components';
import React, { useEffect, useState } from 'react';

import { IconButton } from '../IconButton';
import { useTrans } from '../translation';

/** A file that one looks at; neither content nor problem: it is on its way. */
export type Previewed = Readonly<{ path: string; content: Blob | null; problem: string | null }>;

/** Larger files are for a download. */
const MOST_TEXT = 1_000_000;
const MOST_IMAGE = 20_000_000;

const IMAGES: Readonly<Record<string, string>> = {
  png: 'image/png',
  jpg: 'image/jpeg',
  jpeg: 'image/jpeg',
  gif: 'image/gif',
  webp: 'image/webp',
  bmp: 'image/bmp',
  // As an image it runs no script and loads nothing.
  svg: 'image/svg+xml'
};
const TEXTS: ReadonlySet<string> = new Set(
  'bat cfg conf csv err geojson html ini ipynb jl js json jsonl log md out py r rst sh sql tex toml tsv txt xml yaml yml'.split(
    ' '
  )
);

/** How a file can be shown; null: not at all, by its name or its size in bytes. */
export function kindOf(path: string, size: number): 'image' | 'json' | 'text' | null {
  const ending = /\.([^./]+)$/.exec(path)?.[1].toLowerCase() ?? '';
  if (ending in IMAGES) {
    return size <= MOST_IMAGE ? 'image' : null;
  }
  if (!TEXTS.has(ending) || size > MOST_TEXT) {
    return null;
  }
  return ending === 'json' || ending === 'ipynb' || ending === 'geojson' ? 'json' : 'text';
}

/** What is in a file: an image, or its letters. Nothing of it is ever taken for HTML. */
export function FilePreview({ file, onClose }: { file: Previewed; onClose(): void }) {
  const trans = useTrans();
  const { path, content, problem } = file;
  return (
    <section className="jp-Compute-filePreview" aria-label={trans.__('Preview of %1', path)}>
      <header>
        <b>{path}</b>
        <IconButton icon={closeIcon} label={trans.__('Close the preview')} onClick={onClose} />
      </header>
      {problem !== null && <p data-tone="bad">{problem}</p>}
      {problem === null && content === null && <p>{trans.__('Loading…')}</p>}
      {content && <Content path={path} content={content} />}
    </section>
  );
}

function Content({ path, content }: { path: string; content: Blob }) {
  // It may have grown since it was listed.
  const kind = kindOf(path, content.size);
  const trans = useTrans();
  if (kind === null) {
    return <p>{trans.__('It has become too large to be shown here.')}</p>;
  }
  return kind === 'image' ? (
    <Picture path={path} content={content} />
  ) : (
    <Letters isJson={kind === 'json'} content={content} />
  );
}

function Picture({ path, content }: { path: string; content: Blob }) {
  const [url, setUrl] = useState<string | null>(null);
  useEffect(() => {
    const ending = path.split('.').pop()?.toLowerCase() ?? '';
    const made = URL.createObjectURL(new Blob([content], { type: IMAGES[ending] }));
    setUrl(made);
    return () => URL.revokeObjectURL(made);
  }, [path, content]);
  return url === null ? null : <img src={url} alt={path} />;
}

function Letters({ isJson, content }: { isJson: boolean; content: Blob }) {
  const trans = useTrans();
  const [text, setText] = useState('');
  useEffect(() => {
    let isWanted = true;
    void textOf(content).then(read => {
      if (isWanted) {
        setText(isJson ? indented(read) : read);
      }
    });
    return () => {
      isWanted = false;
    };
  }, [isJson, content]);
  return (
    <pre className="jp-Compute-code" role="group" tabIndex={0} aria-label={trans.__('Content')}>
      {text}
    </pre>
  );
}

async function textOf(content: Blob): Promise<string> {
  return new TextDecoder().decode(await new Response(content).arrayBuffer());
}

/** What is not quite JSON is shown as it is. */
function indented(text: string): string {
  try {
    return JSON.stringify(JSON.parse(text), null, 2);
  } catch {
    return text;
  }
}
