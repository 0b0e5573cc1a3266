/// Images made smaller: the largest or the mean value of each window.
package org.lehr.engine.nn.pool;
