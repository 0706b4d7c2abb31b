import type { LabIcon } from '@jupyterlab/ui-components';
import React from 'react';

/** An icon with nothing around it that takes a place. JupyterLab's own way to say so, `tag={null}`, fails in 4.0. */
export function Svg({ icon }: { icon: LabIcon }) {
  return <icon.react tag="span" className="jp-Compute-svg" />;
}
