/// One class for each reproduced paper.
package org.lehr.engine.papers.study;
