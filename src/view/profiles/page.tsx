import type { TranslationBundle } from '@jupyterlab/translation';
import React from 'react';

// Loaded with what it is for.
import '../../../style/form.css';
import '../../../style/profiles.css';

import { TranslationProvider } from '../translation';
import type { IMyProfilesOptions } from './MyProfiles';
import { MyProfiles } from './MyProfiles';

export type ProfilesFormOptions = IMyProfilesOptions & { readonly trans: TranslationBundle };

/** The profiles as a part of JupyterLab's Settings Editor. */
export default function ProfilesForm({ options }: { options: ProfilesFormOptions }) {
  return (
    <TranslationProvider value={options.trans}>
      <div className="jp-Compute">
        <MyProfiles options={options} />
      </div>
    </TranslationProvider>
  );
}
