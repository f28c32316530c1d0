/** What tables of an analysis are made of: columns of numbers, and rows of each method. */
import type { Analysis, MethodAnalysis } from '@circuit-tuning/core';
import type { Cell, Column } from '../table.js';

export const number = (head: string, more: Partial<Column> = {}): Column => ({ head, isNumber: true, ...more });

export const ofEach = (
  analysis: Pick<Analysis, 'methods'>,
  rows: (method: MethodAnalysis) => readonly Cell[][],
): Cell[][] => analysis.methods.flatMap((method) => rows(method).map((row) => [method.method, ...row]));
