import type { TranslationBundle } from '@jupyterlab/translation';
import { nullTranslator } from '@jupyterlab/translation';
import { createContext, useContext } from 'react';

export const DOMAIN = 'jupyterlab_compute';

const Translation = createContext<TranslationBundle>(nullTranslator.load(DOMAIN));

/** Gives its children their language. */
export const TranslationProvider = Translation.Provider;

export function useTrans(): TranslationBundle {
  return useContext(Translation);
}
