/**
 * On every page: what was kept until a day that is over is deleted.
 * @module
 */

import { sweep } from "./keeping.js";

sweep();
