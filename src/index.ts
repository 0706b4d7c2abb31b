import type { JupyterFrontEndPlugin } from '@jupyterlab/application';

/** The plugins of Compute. Each lives in a file of its own below `plugins/`. */
const plugins: JupyterFrontEndPlugin<unknown>[] = [];

export default plugins;
